/*
 * account_keys.h - the map of whose mail is whose as it is kept in Redis: which accounts each key
 * names, which keys an account has, and what must be written for a change.
 *
 * What a key or a value must be is account_map.h's; a pair that is wrong is kept aside, and stays as
 * it is until somebody changes its key.
 */
#ifndef CTL_ACCOUNT_KEYS_H
#define CTL_ACCOUNT_KEYS_H

#include "policy/account_map.h"

struct account_entry {
	struct slice key;          /* canonical */
	struct account_pair pair;  /* as it stands there */
	const struct slice *names; /* the first is the one */
	size_t n;
};

/* That an account has a key. */
struct account_use {
	struct slice account;
	const struct account_entry *entry;
};

struct account_odd {
	struct account_pair pair;
	const char *why;
};

struct account_keys {
	struct account_entry
	    *v; /* sorted by key; one key in two ways of writing may be there twice */
	size_t n;
	struct account_use *uses; /* sorted by account, then key */
	size_t nuses;
	struct account_odd *odd;
	size_t nodd;
};

/* Reads the pairs, which must live as long; all else is in the arena. 0, or -1: it is full. */
int account_keys_read(
    struct account_keys *keys_r, const struct account_pair *pairs, size_t n, struct arena *a);

/* The uses of that account: the first of them, and how many. */
const struct account_use *account_keys_of(
    const struct account_keys *keys, struct slice account, size_t *n_r);

/* The first entry of that key, which must be canonical, or NULL. */
const struct account_entry *account_keys_find(const struct account_keys *keys, struct slice key);

bool account_entry_has(const struct account_entry *entry, struct slice account);

/* The key in canonical form, in the arena. 0, or -1 with "KEY: what is wrong". */
int account_key_canon(struct slice key, struct arena *a, struct slice *key_r, struct err *err);

/* A change: the account gets the key, behind the others who have it, or loses it. */
struct account_keys_edit {
	struct slice key; /* canonical */
	struct slice account;
	bool add;
	size_t order; /* set by account_keys_edit() */
};

/* What must be written so that the edits, in their order, are done: pairs for
 * store_admin_account_map_write(), as few as may be, in the arena. Sorts the edits. 0, or -1 with the
 * reason (a key with too many accounts; no memory). */
int account_keys_edit(const struct account_keys *keys, struct account_keys_edit *edits, size_t n,
    struct arena *a, struct account_pair **pairs_r, size_t *n_r, struct err *err);

#endif
