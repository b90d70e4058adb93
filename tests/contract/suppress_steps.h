/*
 * suppress_steps.h - what returns make of a recipient, one after the other: one table for
 * suppress_rule(), and for the store that applies it.
 *
 * Times are seconds after SUPPRESS_BASE. A scenario begins with that entry and those soft failures,
 * as the store has them, "" for none.
 */
#ifndef CONTRACT_SUPPRESS_STEPS_H
#define CONTRACT_SUPPRESS_STEPS_H

#include "policy/suppress_rule.h"

#define SUPPRESS_BASE  INT64_C(1728000000)
#define SUPPRESS_DAY   INT64_C(86400)
#define SUPPRESS_TRIES 24

struct suppress_try {
	int64_t at_s;
	const struct suppress_return *what; /* NULL ends the scenario */
	enum suppress_outcome want;
	/* what there is then */
	enum suppression_reason reason;
	int64_t count;
	int64_t ends_s; /* after SUPPRESS_BASE; 0: for good, or no entry */
	int64_t soft, steps;
};

struct suppress_scenario {
	const char *name;
	int64_t bounce_limit;
	bool ignores_failures; /* suppress = off */
	const char *entry, *counted;
	struct suppress_try tries[SUPPRESS_TRIES];
};

#define RETURN(name, kind_, class_, hard_)                                                         \
	static const struct suppress_return return_##name = {                                      \
	    .kind = (kind_), .class = (class_), .hard = (hard_), .evidence = SLICE_LIT(#name)}

RETURN(hard, RETURN_FAILED, BOUNCE_RECIPIENT, true);
RETURN(soft, RETURN_FAILED, BOUNCE_RECIPIENT, false);
RETURN(full, RETURN_FAILED, BOUNCE_MAILBOX_FULL, false);
RETURN(policy, RETURN_FAILED, BOUNCE_POLICY, true);
RETURN(unknown, RETURN_FAILED, BOUNCE_UNKNOWN, true);
RETURN(delayed, RETURN_DELAYED, BOUNCE_MAILBOX_FULL, false);
RETURN(complained, RETURN_COMPLAINED, BOUNCE_UNKNOWN, false);
RETURN(unsubscribed, RETURN_UNSUBSCRIBED, BOUNCE_UNKNOWN, false);
RETURN(delivered, RETURN_DELIVERED, BOUNCE_UNKNOWN, false);

#define DAY SUPPRESS_DAY

static const struct suppress_scenario suppress_scenarios[] = {
    {"a hard one, and again", 3, false, "", "",
	{{0, &return_hard, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 0, 0, 0},
	    {9, &return_hard, RULED_STANDS, SUPPRESSED_BOUNCED, 2, 0, 0, 0},
	    {9, &return_soft, RULED_STANDS, SUPPRESSED_BOUNCED, 2, 0, 0, 0},
	    {10 * DAY, &return_delivered, RULED_UNTOUCHED, SUPPRESSED_BOUNCED, 2, 0, 0, 0}}},
    {"never for what is not about him", 1, false, "", "",
	{{0, &return_policy, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {0, &return_unknown, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {0, &return_delayed, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {0, &return_delivered, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0}}},
    {"soft ones, up to the limit", 3, false, "", "",
	{{0, &return_soft, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0},
	    {7 * DAY, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 2, 0},
	    {8 * DAY, &return_policy, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 2, 0},
	    {14 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 3, 15 * DAY, 0, 1},
	    {14 * DAY + 5, &return_full, RULED_STANDS, SUPPRESSED_BOUNCED, 3, 15 * DAY, 0, 1},
	    {15 * DAY - 1, &return_policy, RULED_UNTOUCHED, SUPPRESSED_BOUNCED, 3, 15 * DAY, 0, 1},
	    {15 * DAY, &return_policy, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 1}}},
    {"the window", 2, false, "", "",
	{{0, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0},
	    {30 * DAY, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0},
	    {60 * DAY - 1, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 2, 61 * DAY - 1, 0,
		1}}},
    {"longer and longer", 1, false, "", "",
	{{0, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 1 * DAY, 0, 1},
	    {1 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 4 * DAY, 0, 2},
	    {4 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 14 * DAY, 0, 3},
	    {15 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 45 * DAY, 0, 4},
	    {46 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 136 * DAY, 0, 5},
	    {140 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 230 * DAY, 0, 6},
	    {320 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 321 * DAY, 0, 1}}},
    {"each step wants the limit again", 2, false, "", "",
	{{0, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0},
	    {1, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 2, 1 * DAY + 1, 0, 1},
	    {2 * DAY, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 1},
	    {3 * DAY, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 2, 6 * DAY, 0, 2}}},
    {"a delivery ends it", 2, false, "", "",
	{{0, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0},
	    {1, &return_delivered, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {2, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0},
	    {3, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 2, DAY + 3, 0, 1},
	    {4, &return_delivered, RULED_LIFTED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {5, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0}}},
    {"hard while suppressed for a while", 1, false, "", "",
	{{0, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, DAY, 0, 1},
	    {1, &return_hard, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 2, 0, 0, 1}}},
    {"bounced, unsubscribed, complained", 3, false, "", "",
	{{0, &return_hard, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 1, 0, 0, 0},
	    {1, &return_unsubscribed, RULED_SUPPRESSED, SUPPRESSED_UNSUBSCRIBED, 1, 0, 0, 0},
	    {2, &return_unsubscribed, RULED_STANDS, SUPPRESSED_UNSUBSCRIBED, 2, 0, 0, 0},
	    {3, &return_hard, RULED_STANDS, SUPPRESSED_UNSUBSCRIBED, 2, 0, 0, 0},
	    {4, &return_complained, RULED_SUPPRESSED, SUPPRESSED_COMPLAINED, 1, 0, 0, 0},
	    {5, &return_unsubscribed, RULED_STANDS, SUPPRESSED_COMPLAINED, 1, 0, 0, 0},
	    {6, &return_delivered, RULED_UNTOUCHED, SUPPRESSED_COMPLAINED, 1, 0, 0, 0}}},
    {"an operator's word", 3, false, "left the company", "",
	{{0, &return_complained, RULED_STANDS, SUPPRESSED_MANUAL, 1, 0, 0, 0},
	    {0, &return_hard, RULED_STANDS, SUPPRESSED_MANUAL, 1, 0, 0, 0},
	    {0, &return_delivered, RULED_UNTOUCHED, SUPPRESSED_MANUAL, 1, 0, 0, 0}}},
    {"an operator's word for a while", 1, false, "manual 1 0 0 1728000100 holiday", "",
	{{99, &return_full, RULED_STANDS, SUPPRESSED_MANUAL, 1, 100, 0, 0},
	    {99, &return_delivered, RULED_UNTOUCHED, SUPPRESSED_MANUAL, 1, 100, 0, 0},
	    {99, &return_complained, RULED_SUPPRESSED, SUPPRESSED_COMPLAINED, 1, 0, 0, 0}}},
    {"one that has ended is none", 3, false, "manual 1 0 0 1728000100 holiday", "",
	{{99, &return_policy, RULED_UNTOUCHED, SUPPRESSED_MANUAL, 1, 100, 0, 0},
	    {100, &return_policy, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {100, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0}}},
    {"suppress = off", 1, true, "", "",
	{{0, &return_hard, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {0, &return_full, RULED_UNTOUCHED, SUPPRESSED_NOT, 0, 0, 0, 0},
	    {0, &return_unsubscribed, RULED_SUPPRESSED, SUPPRESSED_UNSUBSCRIBED, 1, 0, 0, 0},
	    {0, &return_complained, RULED_SUPPRESSED, SUPPRESSED_COMPLAINED, 1, 0, 0, 0}}},
    {"numbers that are none", 2, false, "", "2 x 1728000000 0 0",
	{{0, &return_full, RULED_COUNTED, SUPPRESSED_NOT, 0, 0, 1, 0}}},
    {"more failures than the limit, which was lowered", 2, false, "", "7 1728000000 1728000000 0 0",
	{{9, &return_full, RULED_SUPPRESSED, SUPPRESSED_BOUNCED, 8, DAY + 9, 0, 1}}},
};

#undef DAY
#undef RETURN

#define SUPPRESS_SCENARIOS (sizeof(suppress_scenarios) / sizeof(*suppress_scenarios))

#endif
