/*
 * account_limits.h - where the limits of an account stand now.
 */
#ifndef CTL_ACCOUNT_LIMITS_H
#define CTL_ACCOUNT_LIMITS_H

#include "io/store_admin.h"
#include "out.h"
#include "policy/account.h"

struct account_limits {
	const struct account *account;
	char why[ERR_TEXT_BYTES]; /* the rest is not known, for that reason; else empty */
	int64_t room;             /* recipients that `rate` lets pass at once; -1: it is off */
	int64_t wait_s;           /* until it lets the next one pass */
	int64_t today;            /* recipients counted today; -1: nothing is counted */
	int64_t step;             /* of the warm-up, from 1; 0: there is none */
	int64_t warm_today;       /* recipients counted for it today */
	int64_t warm_limit;       /* of today; 0: it is over */
};

/* Asks Redis; the account must outlive the limits. What went wrong is in them. */
void account_limits_read(
    struct account_limits *limits_r, struct store_admin *admin, const struct account *account);

/* To a terminal, under a title, or nothing when there is no limit; to a pipe, as lines "limit NAME
 * VALUE OF"; as an object, or null. */
void account_limits_tell(const struct account_limits *limits, struct out *out);
void account_limits_pipe(const struct account_limits *limits, struct out *out);
json_t *account_limits_json(const struct account_limits *limits);

#endif
