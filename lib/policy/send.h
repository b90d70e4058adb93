/*
 * send.h - what is asked of the store before an account may send to a recipient: is he suppressed,
 * and is there room in its limits?
 */
#ifndef POLICY_SEND_H
#define POLICY_SEND_H

#include "policy/limit.h"
#include "policy/suppression.h"

/* Recipients that one request may name. */
#define SEND_RCPTS_MAX 1000

struct send_request {
	const char *account;
	const struct address *const *rcpts; /* whose suppression is looked up; none: nobody's */
	size_t nrcpts;
	int64_t count;                 /* recipients to be counted in the limits, from 1 */
	const struct limit_rate *rate; /* NULL, or all 0: not limited, and not counted */
	const char *lane;              /* "" is the lane without a name */
	const struct limit_ramp *ramp; /* NULL, or all 0: the lane is warm */
	bool more;                     /* for the ramp: the message has its lane already */
};

/* Of several recipients, the first may be refused by rate, daily and ramp as limit.h says; those
 * behind it are counted without being refused, so that a large message is late, and not impossible.
 * Who is suppressed costs nothing: nothing is counted then. What one limit refuses is counted in
 * none. */
struct send_step {
	struct suppression suppressed; /* of rcpts[which]; reason SUPPRESSED_NOT: nobody is */
	size_t which;
	bool for_all; /* not by this account alone */
	struct limit_step rate, warm;
	int64_t now_s; /* the store's time */
};

#endif
