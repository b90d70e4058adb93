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
	bool spares_bounced;           /* who is suppressed since his mail failed is not */
	int64_t count;                 /* recipients to be counted in the limits, from 1 */
	const struct limit_rate *rate; /* NULL, or all 0: not limited, and not counted */
	const char *lane;              /* "" is the lane without a name */
	const struct limit_ramp *ramp; /* NULL, or all 0: the lane is warm */
	bool more;                     /* for the ramp: the message has its lane already */
	bool
	    overflow; /* what the ramp refuses takes another lane: the rate counts it all the same */
};

static inline bool
send_has_rate(const struct send_request *request)
{
	const struct limit_rate *rate = request->rate;

	return rate != NULL && (rate->interval_us > 0 || rate->daily > 0);
}

static inline bool
send_has_ramp(const struct send_request *request)
{
	return request->ramp != NULL && request->ramp->first > 0;
}

/* Does that entry stop the message? */
static inline bool
send_heeds(const struct send_request *request, const struct suppression *suppression, int64_t now_s)
{
	return suppression_holds(suppression, now_s) &&
	       !(request->spares_bounced && suppression->reason == SUPPRESSED_BOUNCED);
}

/* False: no store need be asked. */
static inline bool
send_is_question(const struct send_request *request)
{
	return request->nrcpts > 0 || send_has_rate(request) || send_has_ramp(request);
}

/* Of several recipients, the first may be refused by rate, daily and ramp as limit.h says; those
 * behind it are counted without being refused, so that a large message is possible at all. It empties
 * the bucket at most: a debt beyond that is not remembered, but for the day's number.
 * Who is suppressed costs nothing: nothing is counted then. What one limit refuses is counted in
 * none (but see overflow). Of several who are suppressed, the first counts; by his account first. */
struct send_step {
	struct suppression suppressed; /* of rcpts[which]; reason SUPPRESSED_NOT: nobody is */
	size_t which;
	bool for_all; /* not by this account alone */
	struct limit_step rate, warm;
	int64_t now_s; /* the store's time; 0: it was not asked */
};

#endif
