/*
 * accounts.h - the real door to the accounts (policy/accounts.h): those of milter.conf, and those in
 * Redis, which a thread of its own reads and keeps up to date.
 *
 * The thread has Redis tell it what changes (CLIENT TRACKING … BCAST PREFIX, redirected to a second
 * connection, which RESP2 needs), so that a change shows within a second: that account is read
 * again, or the map. Where that cannot be had, all is read again every refresh_s; where it can, now
 * and then all the same, and each time that the connection was lost. While Redis is away the book
 * stays as it was.
 */
#ifndef IO_ACCOUNTS_H
#define IO_ACCOUNTS_H

#include "io/redis.h"
#include "policy/accounts.h"

/* Accounts in Redis; further ones are not read, which is said. */
#define ACCOUNTS_MAX 100000

/* What all that was read of them may take; accounts beyond are not taken, which is said. */
#define ACCOUNTS_BYTES ((size_t)1024 * 1024 * 1024)

/* The accounts that milter.conf has, with everything but what account_ready() fills in. */
struct accounts_conf {
	const struct account *defaults; /* the section's struct */
	const struct account *v;        /* each with its name */
	size_t n;
	const char
	    *default_account; /* read from Redis though the map may not name it; NULL or empty */
	int64_t refresh_s;
};

/* Called from accounts_new() and from the thread; must not call the port. */
struct accounts_notify {
	void *arg;
	/* What is wrong with an account, once for each time that it changes: an option, or "" for the
	 * account as a whole. account is "" for an entry of the map, whose key `option` is then. */
	void (*problem)(void *arg, const char *account, const char *option, const char *text);
	/* Something else that an operator should mend; not that Redis is away, which the store says. */
	void (*warning)(void *arg, const char *text);
};

/* Into the log; and for other programs beside gatepostd, which says the same of accounts. */
extern const struct accounts_notify accounts_notify_log, accounts_notify_again;

struct accounts_setup {
	struct accounts_conf conf;      /* what it points to must outlive the port */
	const struct redis_conf *redis; /* copied */
	struct accounts_notify notify;
};

/* before: the port of the configuration so far, or NULL; what it knew of Redis's accounts is where
 * this one begins, under the new defaults, and as complete if it is the same Redis. Accounts of
 * milter.conf win over those of the same name in Redis, and their pairs of the map over the same
 * pairs there. Nothing runs yet. May wait for DNS, as the store. NULL with the reason (ERR_NOMEM,
 * ERR_INVALID). */
struct accounts *accounts_new(
    const struct accounts_setup *setup, struct accounts *before, struct err *err);

/* Starts the thread: 0, or -1 (ERR_NOMEM). Fork before. Only now does `before`, which must be there
 * still, tell of no problems any more; it goes on with its work for who holds its books. */
int accounts_start(struct accounts *accounts, struct err *err);

/* Waits until Redis was read once, but for so long at most: before the first session. */
void accounts_warm(struct accounts *accounts, int64_t ms);

/* Ends the thread: at once, unless it is just connecting, which redis.timeout bounds. Nobody may
 * hold a book any more. NULL is allowed. */
void accounts_free(struct accounts *accounts);

#endif
