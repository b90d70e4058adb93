/*
 * accounts_conf.c - the accounts of milter.conf, made ready.
 */
#include "io/accounts_parts.h"

#include <stdlib.h>

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for the accounts");
}

static int
account_compare(const void *left, const void *right)
{
	const struct account *const *a = left;
	const struct account *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

static const struct account *
conf_account_make(struct accounts_port *p, const struct account *from, struct err *err)
{
	const struct account_source source = {from, slice_of(from->name), NULL, 0};
	struct account_problems problems = {.n = 0};
	struct account *account = arena_alloc(&p->arena, sizeof(*account));

	if (account == NULL) {
		(void)no_memory(err);
		return NULL;
	}
	if (account_build(account, &source, &p->arena, &problems, err) != 0)
		return NULL;
	(void)accounts_tell(p, account->name, &problems, 0);
	return account;
}

int
accounts_conf_init(struct accounts_port *p, struct err *err)
{
	size_t n = p->setup.conf.n;

	p->defaults = *p->setup.conf.defaults;
	p->conf = arena_alloc(&p->arena, (n + 1) * sizeof(struct account *));
	p->conf_sorted = arena_alloc(&p->arena, (n + 1) * sizeof(struct account *));
	if (p->conf == NULL || p->conf_sorted == NULL ||
	    account_ready(&p->defaults, &p->arena) != 0)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		p->conf[i] = conf_account_make(p, &p->setup.conf.v[i], err);
		if (p->conf[i] == NULL)
			return -1;
		p->conf_sorted[i] = p->conf[i];
	}
	qsort(p->conf_sorted, n, sizeof(struct account *), account_compare);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(p->conf_sorted[i - 1]->name, p->conf_sorted[i]->name) == 0)
			return err_set(err, ERR_INVALID, "the account %s is there twice",
			    p->conf_sorted[i]->name);
	}
	return 0;
}

bool
accounts_conf_has(const struct accounts_port *p, const char *name)
{
	const struct account_book conf = {.v = p->conf_sorted, .n = p->setup.conf.n};

	return account_book_find(&conf, name) != NULL;
}

size_t
accounts_map_room(const struct accounts_port *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->setup.conf.n; i++)
		n += p->conf[i]->match.n;
	return n < ACCOUNT_MAP_MAX ? ACCOUNT_MAP_MAX - n : 0;
}
