/*
 * redis_consent.h - has anybody said to all accounts what may be kept of him? Who writes a hit asks then
 * for one key more, which on a Cluster is on another server than the account's.
 *
 * Until it was looked, somebody has; and again while Redis is away and what was known gets too old to
 * be believed.
 */
#ifndef IO_REDIS_CONSENT_H
#define IO_REDIS_CONSENT_H

#include "io/redis_link.h"

#include <stdatomic.h>

struct redis_consents {
	atomic_bool used;         /* who writes no hits asks nothing */
	atomic_bool all;          /* somebody has, as far as is known */
	_Atomic int64_t until_us; /* deadline_now_us() up to which that is believed */
};

void redis_consents_init(struct redis_consents *consents);

/* Has anybody, as far as is known? For any thread. */
bool redis_consents_all(struct redis_consents *consents);

/* Looks anew, over that connection. 0, or -1 as in redis_conn.h. */
int redis_consents_refresh(struct redis_consents *consents, const struct redis_link *link,
    struct redis_conn *conn, struct deadline until, struct err *err);

#endif
