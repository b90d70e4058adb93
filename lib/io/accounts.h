/*
 * accounts.h - the real door to the accounts (policy/accounts.h): those of milter.conf, and those in
 * Redis, which a thread of its own reads and keeps up to date.
 *
 * The thread has Redis tell it what changes (CLIENT TRACKING … BCAST PREFIX, redirected to a second
 * connection, which RESP2 needs), so that a change shows within a second. Where that cannot be had,
 * and after each time that the connection was lost, it reads all again: every refresh_s. While Redis
 * is away the book stays as it was.
 */
#ifndef IO_ACCOUNTS_H
#define IO_ACCOUNTS_H

#include "io/redis.h"
#include "policy/accounts.h"

/* Accounts in Redis; further ones are not read, which is said. */
#define ACCOUNTS_MAX 100000

/* An account that milter.conf has, with everything but what account_ready() fills in. */
struct accounts_conf {
	const struct account *defaults; /* the section's struct */
	const struct account *v;        /* each with its name */
	size_t n;
	int64_t refresh_s;
};

struct accounts_notify {
	void *arg;
	/* What is wrong with an account, once for each time that it changes: "what is wrong". */
	void (*problem)(void *arg, const char *account, const char *option, const char *text);
	/* Something else that an operator should mend. */
	void (*warning)(void *arg, const char *text);
};

struct accounts_setup {
	struct accounts_conf conf; /* all of it must outlive the port */
	const struct redis_conf *redis;
	struct accounts_notify notify;
};

/* before: the port of the configuration so far, or NULL; what it knew of Redis's accounts is where
 * this one begins, under the new defaults. Accounts of milter.conf win over those of the same name in
 * Redis, and their pairs of the map over the same pairs there. Nothing runs yet. NULL with the reason
 * (ERR_NOMEM, ERR_INVALID). */
struct accounts *accounts_new(
    const struct accounts_setup *setup, struct accounts *before, struct err *err);

/* Starts the thread: 0, or -1 (ERR_NOMEM). Fork before. */
int accounts_start(struct accounts *accounts, struct err *err);

/* Waits until Redis was read once, but for so long at most: before the first session. */
void accounts_warm(struct accounts *accounts, int64_t ms);

/* Ends the thread. Nobody may hold a book any more. NULL is allowed. */
void accounts_free(struct accounts *accounts);

#endif
