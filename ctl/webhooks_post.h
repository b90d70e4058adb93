/*
 * webhooks_post.h - an event as a signed POST to its account's webhook.
 */
#ifndef CTL_WEBHOOKS_POST_H
#define CTL_WEBHOOKS_POST_H

#include "io/webhook_http.h"
#include "policy/account.h"

struct webhook_event {
	const struct account *account; /* with a webhook and its secret */
	struct slice entry;            /* of the stream: "1795238206123-0" */
	const struct record *fields;
};

/* Begins; arg comes with the answer. 0, or -1: it cannot be signed, or no memory. */
int webhooks_post(
    struct webhook_http *http, const struct webhook_event *event, void *arg, struct err *err);

#endif
