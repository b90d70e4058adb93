/*
 * redis_send.h - one question of send.h over a connection: send.lua by its digest.
 *
 * Usually one round trip: the entries for all accounts (gp:supp:{*}), and behind them, in the same
 * write, the step of the rate, which looks at the account's own entries (the same hash tag, and so
 * the same script) and counts nothing when there is one. What happens else:
 *	suppressed by the account	nothing was counted: one round trip
 *	an entry that holds no longer	the step is taken again without looking: two
 *	suppressed for all		what was counted is given back: two
 *	no limits			both hashes and the time are asked, no script: one
 *	a ramp				its step follows when the rate passed: one more
 *	refused by the ramp		what the rate counted is given back: another one
 *	refused by the rate		the ramp is not asked: one
 */
#ifndef IO_REDIS_SEND_H
#define IO_REDIS_SEND_H

#include "io/redis_conn.h"
#include "policy/send.h"

struct redis_send {
	const struct send_request *request;
	const char *prefix;
	char *storage; /* of redis_send_bytes() */
	size_t room;
};

/* How much room the commands need. */
size_t redis_send_bytes(const struct send_request *request);

/* 0, or -1 as in redis_conn.h. When the server does not know the script (restarted, or SCRIPT FLUSH),
 * loads it. */
int redis_send_step(struct redis_conn *conn, const struct redis_send *send,
    struct send_step *step_r, struct deadline until, struct err *err);

#endif
