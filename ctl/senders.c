/*
 * senders.c - see senders.h.
 */
#include "senders.h"

#include "io/accounts.h"
#include "settings.h"

#define ARENA_BYTES ((size_t)1024 * 1024)
#define WARM_MS     2000

static void
problem_note(void *arg, const char *account, const char *option, const char *text)
{
	struct senders *senders = arg;
	struct sender_problem *problem = &senders->v[senders->nproblems];

	if (senders->nproblems++ >= SENDERS_PROBLEMS_MAX)
		return;
	problem->account = arena_text(&senders->arena, slice_of(account));
	problem->option = arena_text(&senders->arena, slice_of(option));
	problem->text = arena_text(&senders->arena, slice_of(text));
}

static void
warning_note(void *arg, const char *text)
{
	problem_note(arg, "", "", text);
}

int
senders_open(struct senders *senders, const struct conf *conf, struct err *err)
{
	struct accounts_setup setup = {
	    .conf = settings_accounts(conf),
	    .redis = settings_of(conf, &redis_section),
	    .notify = {senders, problem_note, warning_note},
	};

	*senders = (struct senders){.port = NULL};
	arena_init(&senders->arena, 4096, ARENA_BYTES);
	senders->port = accounts_new(&setup, NULL, err);
	if (senders->port == NULL || accounts_start(senders->port, err) != 0) {
		accounts_free(senders->port);
		arena_fini(&senders->arena);
		return -1;
	}
	accounts_warm(senders->port, WARM_MS);
	senders->book = senders->port->hold(senders->port);
	return 0;
}

void
senders_close(struct senders *senders)
{
	senders->port->release(senders->port, senders->book);
	accounts_free(senders->port);
	arena_fini(&senders->arena);
}

bool
sender_has_verp(const struct account *account)
{
	return account->mail_from == MAIL_FROM_VERP && account->bounce_domain[0] != '\0';
}

bool
sender_expands(const struct account *account)
{
	return sender_has_verp(account) && account->recipients == RECIPIENTS_EXPAND;
}

bool
sender_lane(const struct account *account, size_t i, struct slice *lane_r)
{
	struct slice first = slice_of(account->lane);

	*lane_r = i == 0 ? first : slice_of(account->overflow);
	if (!sender_has_verp(account) || i >= SENDER_LANES)
		return false;
	return i == 0 || (lane_r->n > 0 && !slice_eq_nocase(*lane_r, first));
}
