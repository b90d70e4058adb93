/*
 * lane.h - which lane a message takes: the first part of its bounce domain, by which the MTA chooses
 * transport and source address.
 *
 * It is settled once, at the first recipient that is accepted; the others of the message follow, and
 * are only counted (limit_warm() with `more`). The overflow lane is one that is warm: the ramp of
 * this account does not count there.
 */
#ifndef POLICY_LANE_H
#define POLICY_LANE_H

#include "policy/account.h"

struct lane {
	const char *name; /* the account's; empty: the bounce domain itself */
	bool overflow;
	bool
	    wait; /* 451 with limit_words(): the ramp's day is used up, and there is no other way */
};

/* warm: what limit_warm() said of the account's lane. */
struct lane lane_choose(const struct account *account, const struct limit_step *warm);

#endif
