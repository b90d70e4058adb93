/*
 * accounts.h - the door to the accounts: all that there are, as they were at one moment.
 *
 * Who needs them holds the book for as long as a transaction, and reads. A change in Redis makes a
 * new book; nobody's changes under his eyes. The mail path never waits for Redis here: the book is
 * kept up to date in the background, and stays as it was while Redis is away.
 */
#ifndef POLICY_ACCOUNTS_H
#define POLICY_ACCOUNTS_H

#include "policy/account_domains.h"
#include "policy/account_map.h"

struct account_book {
	const struct account *defaults;
	const struct account_map *map;
	const struct account *const *v; /* sorted by name */
	size_t n;
	bool complete;                  /* all that Redis has is in it: who is not, is none */
	struct account_names domains;   /* that mail comes back to */
	struct account_names feedbacks; /* that complaints come to */
};

struct accounts {
	/* The book in force, for release(); never NULL. */
	const struct account_book *(*hold)(struct accounts *accounts);
	void (*release)(struct accounts *accounts, const struct account_book *book);
};

/* The account of that name, or NULL. */
const struct account *account_book_find(const struct account_book *book, const char *name);

struct account_pairs_source {
	const struct account *const *conf; /* accounts of milter.conf, with their `match` */
	size_t nconf;
	const struct account_pair *redis;
	size_t nredis;
};

/* The pairs for account_map_build(): those of milter.conf, where a key of several accounts names
 * all of them in their order, and those of Redis but for keys that are among them already. What they
 * point to is in the arena, or was given. 0, or -1: no memory. */
int account_book_pairs(const struct account_pairs_source *from, struct arena *a,
    struct account_pair **pairs_r, size_t *n_r);

#endif
