/*
 * store_admin_account.h - more of store_admin.h: the accounts in Redis, and the map of whose mail is
 * whose, as texts. What is right or wrong in them: policy/account.h, policy/account_map.h.
 *
 *	PREFIXacct:{NAME}   hash: option -> value; beside them ACCOUNT_MARK, without which an account
 *	                    whose options are all at their defaults would not be there
 *	PREFIXacctmap       hash: key -> account, or several with commas
 *
 * Account and map are two steps, since they may be on different servers of a cluster; each step is
 * atomic. Who adds does the account first, who removes does the map first: what an interruption
 * leaves is an account without mail, never mail of an account that there is not.
 */
#ifndef IO_STORE_ADMIN_ACCOUNT_H
#define IO_STORE_ADMIN_ACCOUNT_H

#include "io/store_admin.h"
#include "policy/account_map.h"

/* The field of an account that says nothing: its option is for milter.conf, and empty. */
#define ACCOUNT_MARK "match"

/* Accounts in one round trip. */
#define STORE_ACCOUNTS_BATCH 128

struct store_account {
	struct slice name;
	const struct account_field *fields; /* sorted by name, without the mark */
	size_t n;
	bool exists;
	bool odd; /* there is something by that name, but no hash: it has no fields */
};

/* The names of all accounts, sorted, in the arena; at most max of them (*n_r is then max + 1, and
 * as many are there). A key that holds something else than a hash is named nevertheless. */
int store_admin_account_names(struct store_admin *admin, struct arena *a, size_t max,
    struct slice **names_r, size_t *n_r, struct err *err);

/* Reads the accounts that v names, n of them, up to STORE_ACCOUNTS_BATCH; their fields are in the
 * arena. */
int store_admin_accounts(
    struct store_admin *admin, struct store_account *v, size_t n, struct arena *a, struct err *err);

/* All pairs of the map, sorted by key, in the arena. */
int store_admin_account_map(struct store_admin *admin, struct arena *a,
    struct account_pair **pairs_r, size_t *n_r, struct err *err);

/* From now on the next write is done only when nobody else changed this account (the map). */
int store_admin_account_watch(struct store_admin *admin, struct slice name, struct err *err);
int store_admin_account_map_watch(struct store_admin *admin, struct err *err);

/* What is done with one account, all at once: set those fields, or, with remove, end it. */
struct store_account_change {
	struct slice name;
	const struct account_field *fields; /* all that it has from then on */
	size_t n;
	bool remove;
};

/* Does the changes: 1 when all are done, 0 when somebody else was faster with one that is watched,
 * or -1. Unless it is 1, some may be done. */
int store_admin_accounts_write(
    struct store_admin *admin, const struct store_account_change *v, size_t n, struct err *err);

/* The pairs of the map, all at once; a pair without a value is taken out. 1, 0 when somebody else
 * was faster, or -1. */
int store_admin_account_map_write(
    struct store_admin *admin, const struct account_pair *pairs, size_t n, struct err *err);

#endif
