/*
 * webhooks.h - what the commands `webhooks …` share.
 */
#ifndef CTL_WEBHOOKS_H
#define CTL_WEBHOOKS_H

#include "ctl.h"
#include "io/store_admin_webhook.h"
#include "senders.h"
#include "table.h"

struct webhooks_view {
	struct ctl *ctl;
	struct store_admin *admin;
	struct senders senders;
	const char *account; /* of --account; NULL: all that have a webhook */
	int64_t now_s;       /* by Redis's clock */
};

/* Reads the configuration and the accounts, reaches Redis, looks at --account. False with the exit code
 * after a complaint; then there is nothing to close. */
bool webhooks_view_open(struct webhooks_view *view, struct ctl *ctl, int *code_r);
void webhooks_view_close(struct webhooks_view *view);

/* Calls do_it() for each account that is meant, with or without a webhook, until it returns anything but
 * CTL_OK: that. */
typedef int webhooks_account_do(
    void *arg, struct webhooks_view *view, const struct account *account);
int webhooks_each(struct webhooks_view *view, webhooks_account_do *do_it, void *arg);

#endif
