/*
 * check_webhooks.c - does somebody send events to the webhooks, and do they take them?
 */
#include "check_outbound.h"

#include "io/store_admin_webhook.h"
#include "settings.h"

/* Webhooks that are looked at. */
#define LOOKED_MAX 1000

/* How many of a kind, and the first of them. */
struct webhook_kind {
	size_t n;
	const char *account;
	char why[160];
};

struct webhook_kinds {
	struct webhook_kind all, unseen, failing, dead;
};

static void
kind_add(struct webhook_kind *kind, const char *account, const char *why)
{
	if (kind->n++ > 0)
		return;
	kind->account = account;
	(void)snprintf(kind->why, sizeof(kind->why), "%s", why);
}

static int
account_look(struct store_admin *admin, const struct account *account, struct webhook_kinds *kinds)
{
	struct store_webhook_state state;
	struct err err;

	if (account->webhook[0] == '\0' || kinds->all.n == LOOKED_MAX)
		return 0;
	if (store_admin_webhook_state(admin, account->name, &state, &err) != 0)
		return -1; /* that of Redis is said elsewhere */
	kind_add(&kinds->all, account->name, "");
	if (!state.seen)
		kind_add(&kinds->unseen, account->name, "");
	if (state.error_at_s > state.delivered_at_s)
		kind_add(&kinds->failing, account->name, state.error);
	if (state.dead > 0)
		kind_add(&kinds->dead, account->name, "");
	return 0;
}

static void
kinds_say(struct check *check, const struct webhook_kinds *kinds)
{
	if (kinds->unseen.n > 0)
		check_say(check, CHECK_FAULT, "webhooks",
		    "systemctl enable --now gatepost-webhooks",
		    "nobody sends events to %zu of them, %s's first", kinds->unseen.n,
		    kinds->unseen.account);
	if (kinds->failing.n > 0)
		check_say(check, CHECK_WARNING, "webhooks",
		    "gatepostctl webhooks; gatepostctl webhooks test ACCOUNT",
		    "%zu did not take the last event; %s's: %s", kinds->failing.n,
		    kinds->failing.account, kinds->failing.why);
	if (kinds->dead.n > 0)
		check_say(check, CHECK_WARNING, "webhooks",
		    "gatepostctl webhooks dead; gatepostctl webhooks retry",
		    "events of %zu could not be delivered, %s's first", kinds->dead.n,
		    kinds->dead.account);
	if (kinds->unseen.n + kinds->failing.n + kinds->dead.n == 0)
		check_say(check, CHECK_OK, "webhooks", NULL, "%zu, all right", kinds->all.n);
}

void
check_webhooks(struct check *check, const struct account_book *book)
{
	struct webhook_kinds kinds = {.all = {.n = 0}};
	struct store_admin *admin = NULL;
	struct err err;
	int status = 0;

	for (size_t i = 0; status == 0 && i < book->n; i++) {
		if (admin == NULL && book->v[i]->webhook[0] != '\0')
			admin = store_admin_new(settings_of(check->conf, &redis_section), &err);
		if (admin == NULL && book->v[i]->webhook[0] != '\0')
			return;
		status = account_look(admin, book->v[i], &kinds);
	}
	store_admin_free(admin);
	if (status == 0 && kinds.all.n > 0)
		kinds_say(check, &kinds);
}
