/*
 * senders.c - see senders.h.
 */
#include "senders.h"

#include "io/accounts.h"
#include "settings.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)1024 * 1024)
#define WARM_MS     2000

/* The bounce domain itself, that of the lane, that of the overflow. */
#define DOMAINS_EACH 3

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

/* The i-th lane of an account with a bounce domain, 0 being none; false: there is no such, or it was
 * there before. */
static bool
lane_at(const struct account *account, size_t i, struct slice *lane_r)
{
	struct slice own = slice_of(account->lane);

	*lane_r = i == 0 ? slice_of("") : i == 1 ? own : slice_of(account->overflow);
	return i == 0 || (lane_r->n > 0 && (i == 1 || !slice_eq_nocase(*lane_r, own)));
}

/* By name; and of one name, that with a lane first. */
static int
domain_order(const void *a, const void *b)
{
	const struct sender_domain *left = a, *right = b;
	int order = strcmp(left->domain, right->domain);

	return order != 0 ? order : -strcmp(left->lane, right->lane);
}

/* Those of one account, at v: how many; no_memory_r is set, or left. */
static size_t
domains_of(const struct account *account, struct arena *a, struct sender_domain v[DOMAINS_EACH],
    bool *no_memory_r)
{
	size_t n = 0;

	for (size_t i = 0; i < DOMAINS_EACH && sender_has_verp(account); i++) {
		char storage[512];
		struct buf domain = BUF_OVER(storage);
		struct slice lane;

		if (!lane_at(account, i, &lane))
			continue;
		account_bounce_domain(account, lane, &domain);
		v[n] = (struct sender_domain){
		    arena_text(a, buf_slice(&domain)), arena_text(a, lane)};
		*no_memory_r |= v[n].domain == NULL || v[n].lane == NULL;
		n++;
	}
	return n;
}

const struct sender_domain *
senders_domains(const struct account_book *book, struct arena *a, size_t *n_r)
{
	struct sender_domain *v = arena_alloc(a, (book->n * DOMAINS_EACH + 1) * sizeof(*v));
	bool no_memory = v == NULL;
	size_t n = 0, kept = 0;

	*n_r = 0;
	for (size_t i = 0; !no_memory && i < book->n; i++)
		n += domains_of(book->v[i], a, v + n, &no_memory);
	if (no_memory || n == 0)
		return NULL;
	qsort(v, n, sizeof(*v), domain_order);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || strcmp(v[kept - 1].domain, v[i].domain) != 0)
			v[kept++] = v[i];
	}
	*n_r = kept;
	return v;
}
