/*
 * fake_accounts.c - see fake_accounts.h.
 */
#include "fake/fake_accounts.h"

#include "policy/account_field.h"
#include "settings.h"

#include <assert.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)8 * 1024 * 1024)

struct fake_accounts {
	struct accounts port;
	struct arena arena;
	struct account_book book;
	struct account_map map;
	size_t held;
};

static const struct account_book *
hold(struct accounts *accounts)
{
	struct fake_accounts *fake = (struct fake_accounts *)(void *)accounts;

	fake->held++;
	return &fake->book;
}

static void
release(struct accounts *accounts, const struct account_book *book)
{
	struct fake_accounts *fake = (struct fake_accounts *)(void *)accounts;

	assert(book == &fake->book && fake->held > 0);
	fake->held--;
}

static int
by_name(const void *left, const void *right)
{
	const struct account *const *a = left;
	const struct account *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

static int
map_build(struct fake_accounts *fake, const struct account *const *list, size_t n_list)
{
	const struct account_pairs_source from = {list, n_list, NULL, 0};
	struct account_problems problems = {.n = 0};
	struct account_pair *pairs;
	size_t n;

	if (account_book_pairs(&from, &fake->arena, &pairs, &n) != 0)
		return -1;
	return account_map_build(&fake->map, pairs, n, &fake->arena, &problems);
}

static int
book_build(struct fake_accounts *fake, const struct conf *conf)
{
	size_t n = settings_account_count(conf);
	struct account *all = arena_alloc(&fake->arena, (n + 1) * sizeof(*all));
	struct account_problems problems = {.n = 0};
	const struct account **list = arena_alloc(
	    &fake->arena, (n + 1) * sizeof(const struct account *));
	const char **names;

	if (all == NULL || list == NULL)
		return -1;
	all[n] = *(const struct account *)settings_of(conf, &account_section);
	if (account_ready(&all[n], &fake->arena) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct account base = *settings_account(conf, i);
		const struct account_source source = {&base, slice_of(base.name), NULL, 0};

		if (account_ready(&base, &fake->arena) != 0 ||
		    account_build(&all[i], &source, &fake->arena, &problems, NULL) != 0)
			return -1;
		list[i] = &all[i];
	}
	if (map_build(fake, list, n) != 0) /* in the order of the file */
		return -1;
	qsort(list, n, sizeof(const struct account *), by_name);
	names = arena_alloc(&fake->arena, 2 * (n + 1) * sizeof(*names));
	if (names == NULL)
		return -1;
	fake->book = (struct account_book){
	    .defaults = &all[n], .map = &fake->map, .v = list, .n = n, .complete = true};
	account_domains_fill(&fake->book.domains, names, list, n);
	account_feedbacks_fill(&fake->book.feedbacks, names + n, list, n);
	return 0;
}

struct accounts *
fake_accounts_new(const struct conf *conf)
{
	struct fake_accounts *fake = calloc(1, sizeof(*fake));

	if (fake == NULL)
		return NULL;
	fake->port = (struct accounts){hold, release};
	arena_init(&fake->arena, 65536, ARENA_BYTES);
	if (book_build(fake, conf) == 0)
		return &fake->port;
	fake_accounts_free(&fake->port);
	return NULL;
}

void
fake_accounts_free(struct accounts *accounts)
{
	struct fake_accounts *fake = (struct fake_accounts *)(void *)accounts;

	if (fake == NULL)
		return;
	assert(fake->held == 0);
	arena_fini(&fake->arena);
	free(fake);
}

void
fake_accounts_set_complete(struct accounts *accounts, bool complete)
{
	((struct fake_accounts *)(void *)accounts)->book.complete = complete;
}
