/*
 * redis_consent.h - which accounts have recipients who agreed to less than their account keeps: so
 * that who writes a hit need not ask about each, where nobody has said anything.
 *
 * An account that is asked about for the first time counts as one that has; the writer's thread then
 * looks, and again with each reading of the lists. While Redis is away what was known gets too old
 * to be believed.
 */
#ifndef IO_REDIS_CONSENT_H
#define IO_REDIS_CONSENT_H

#include "io/redis_link.h"
#include "policy/account.h"

#include <pthread.h>
#include <stdatomic.h>

/* A power of two. Two accounts that share a slot take turns, and are asked about each time. */
#define REDIS_CONSENT_SLOTS 1024

struct redis_consents {
	pthread_mutex_t lock;
	bool all;             /* somebody said something to all accounts, as far as is known */
	int64_t all_until_us; /* up to which that is believed, as below */
	struct redis_consent_slot {
		char account[ACCOUNT_NAME_BYTES + 1]; /* "": free */
		bool has;
		int64_t
		    until_us; /* deadline_now_us() up to which that is believed; 0: never looked */
	} slots[REDIS_CONSENT_SLOTS];
	atomic_size_t used; /* slots below this one may be in use */
};

void redis_consents_init(struct redis_consents *consents);
void redis_consents_fini(struct redis_consents *consents);

/* Must recipients of this account be asked about? all_r: also in what holds for all accounts. */
bool redis_consents_any(struct redis_consents *consents, const char *account, bool *all_r);

/* Looks anew, over that connection. 0, or -1 as in redis_conn.h. */
int redis_consents_refresh(struct redis_consents *consents, const struct redis_link *link,
    struct redis_conn *conn, struct deadline until, struct err *err);

#endif
