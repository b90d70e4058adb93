/*
 * limit_steps.h - what limits do, step by step: one table for limit_advance() and limit_warm(), and
 * for whoever says the same in other words (a script in Redis).
 *
 * Times are microseconds after the beginning of a day of UTC. A step is done `times` times over (0 is
 * once); each must come out as said, and `wait_s`, `count` and `limit` are those of the last.
 */
#ifndef CONTRACT_LIMIT_STEPS_H
#define CONTRACT_LIMIT_STEPS_H

#include "policy/limit.h"

#define LIMIT_S     LIMIT_US_PER_S
#define LIMIT_DAY   (LIMIT_DAY_S * LIMIT_S)
#define LIMIT_BASE  (20000 * LIMIT_DAY) /* the day on which the scenarios begin */
#define LIMIT_STEPS 16

struct limit_try {
	int64_t at_us;
	int times;
	enum limit_outcome want;
	int64_t wait_s, count, limit;
	bool more;                     /* warm-up: a further recipient of one message */
	const struct limit_rate *rate; /* NULL: the scenario's */
};

struct limit_scenario {
	const char *name;
	struct limit_rate rate;              /* of limit_advance() */
	const char *ramp;                    /* of limit_warm(), where it is not NULL */
	struct limit_try tries[LIMIT_STEPS]; /* a row of zeros ends them */
};

#define PASS(at, n, count, limit)                                                                  \
	{                                                                                          \
		(at), (n), LIMIT_PASS, 0, (count), (limit), false, NULL                            \
	}
#define STOP(at, n, why, wait, count, limit)                                                       \
	{                                                                                          \
		(at), (n), (why), (wait), (count), (limit), false, NULL                            \
	}
#define MORE(at, n, count, limit)                                                                  \
	{                                                                                          \
		(at), (n), LIMIT_PASS, 0, (count), (limit), true, NULL                             \
	}
#define OTHER(at, n, want, wait, count, limit, rate)                                               \
	{                                                                                          \
		(at), (n), (want), (wait), (count), (limit), false, (rate)                         \
	}

static const struct limit_rate limit_slow = {60 * LIMIT_S, 2, 0};

static const struct limit_scenario limit_scenarios[] = {
    {"no limit", {0, 1, 0}, NULL, {PASS(0, 100000, 100000, 0)}},
    {"a burst, then one each interval", {LIMIT_S, 5, 0}, NULL,
	{PASS(0, 5, 5, 0), STOP(0, 3, LIMIT_RATE, 1, 5, 0),
	    STOP(LIMIT_S - 1, 1, LIMIT_RATE, 1, 5, 0), PASS(LIMIT_S, 1, 6, 0),
	    STOP(LIMIT_S, 1, LIMIT_RATE, 1, 6, 0), PASS(3 * LIMIT_S, 2, 8, 0),
	    STOP(3 * LIMIT_S, 1, LIMIT_RATE, 1, 8, 0)}},
    {"an idle bucket is full, and not fuller", {LIMIT_S, 3, 0}, NULL,
	{PASS(0, 3, 3, 0), PASS(1000 * LIMIT_S, 3, 6, 0),
	    STOP(1000 * LIMIT_S, 1, LIMIT_RATE, 1, 6, 0)}},
    {"a burst of one", {5000, 1, 0}, NULL,
	{PASS(0, 1, 1, 0), STOP(0, 1, LIMIT_RATE, 1, 1, 0), STOP(4999, 1, LIMIT_RATE, 1, 1, 0),
	    PASS(5000, 1, 2, 0), PASS(10000, 1, 3, 0)}},
    {"what is refused costs nothing", {60 * LIMIT_S, 1, 0}, NULL,
	{PASS(0, 1, 1, 0), STOP(LIMIT_S, 500, LIMIT_RATE, 59, 1, 0), PASS(60 * LIMIT_S, 1, 2, 0)}},
    {"the day's number", {0, 1, 3}, NULL,
	{PASS(0, 3, 3, 3), STOP(0, 2, LIMIT_DAILY, 86400, 3, 3),
	    STOP(LIMIT_DAY - 1, 1, LIMIT_DAILY, 1, 3, 3), PASS(LIMIT_DAY, 3, 3, 3),
	    STOP(LIMIT_DAY + 1, 1, LIMIT_DAILY, 86400, 3, 3)}},
    {"the day's number does not use up the rate", {LIMIT_S, 2, 1}, NULL,
	{PASS(LIMIT_DAY - LIMIT_S, 1, 1, 1), STOP(LIMIT_DAY - 1, 9, LIMIT_DAILY, 1, 1, 1),
	    PASS(LIMIT_DAY, 1, 1, 1)}},
    {"the rate does not use up the day's number", {LIMIT_S, 1, 2}, NULL,
	{PASS(0, 1, 1, 2), STOP(0, 50, LIMIT_RATE, 1, 1, 2), PASS(LIMIT_S, 1, 2, 2),
	    STOP(2 * LIMIT_S, 1, LIMIT_DAILY, 86398, 2, 2)}},
    {"a clock that was set back", {LIMIT_S, 2, 0}, NULL,
	{PASS(LIMIT_DAY, 2, 2, 0), STOP(1000 * LIMIT_S, 1, LIMIT_RATE, 1, 0, 0),
	    PASS(1001 * LIMIT_S, 1, 1, 0)}},
    {"a rate that was raised", {LIMIT_S, 2, 0}, NULL,
	{OTHER(0, 2, LIMIT_PASS, 0, 2, 0, &limit_slow),
	    OTHER(1, 1, LIMIT_RATE, 60, 2, 0, &limit_slow), STOP(1, 1, LIMIT_RATE, 1, 2, 0),
	    PASS(1 + LIMIT_S, 1, 3, 0)}},
    {"a slow rate with a large burst is bounded", {20 * LIMIT_DAY, 1000, 0}, NULL,
	{PASS(0, 1, 1, 0), STOP(0, 1, LIMIT_RATE, 20 * LIMIT_DAY_S, 1, 0),
	    PASS(20 * LIMIT_DAY, 1, 1, 0)}},
    {"the fastest", {10, 100000, 0}, NULL,
	{PASS(0, 100000, 100000, 0), STOP(9, 1, LIMIT_RATE, 1, 100000, 0), PASS(10, 1, 100001, 0)}},
    {"the ramp: a step a day", {0}, "2 x2 8 x1.5",
	{PASS(0, 2, 2, 2), STOP(1, 3, LIMIT_WARMUP, 86400, 2, 2),
	    STOP(LIMIT_DAY - 1, 1, LIMIT_WARMUP, 1, 2, 2), PASS(LIMIT_DAY, 4, 4, 4),
	    STOP(LIMIT_DAY, 1, LIMIT_WARMUP, 86400, 4, 4), PASS(2 * LIMIT_DAY, 8, 8, 8),
	    PASS(3 * LIMIT_DAY, 12, 12, 12), PASS(4 * LIMIT_DAY, 18, 18, 18),
	    STOP(4 * LIMIT_DAY, 1, LIMIT_WARMUP, 86400, 18, 18)}},
    {"the ramp waits for who sends little", {0}, "10 x2",
	{PASS(0, 4, 4, 10), PASS(LIMIT_DAY, 5, 5, 10), PASS(2 * LIMIT_DAY, 20, 20, 20),
	    PASS(9 * LIMIT_DAY, 1, 1, 40), PASS(10 * LIMIT_DAY, 19, 19, 40),
	    PASS(11 * LIMIT_DAY, 1, 1, 40)}},
    {"a message keeps its lane", {0}, "2 x2",
	{PASS(0, 2, 2, 2), MORE(0, 5, 7, 2), STOP(0, 1, LIMIT_WARMUP, 86400, 7, 2),
	    PASS(LIMIT_DAY, 4, 4, 4)}},
    {"the usual ramp begins", {0}, "on",
	{PASS(0, 50, 50, 50), STOP(0, 1, LIMIT_WARMUP, 86400, 50, 50),
	    PASS(LIMIT_DAY, 100, 100, 100), PASS(2 * LIMIT_DAY, 200, 200, 200),
	    PASS(3 * LIMIT_DAY, 400, 400, 400), PASS(4 * LIMIT_DAY, 800, 800, 800),
	    PASS(5 * LIMIT_DAY, 1600, 1600, 1600), PASS(6 * LIMIT_DAY, 3200, 3200, 3200),
	    PASS(7 * LIMIT_DAY, 6400, 6400, 6400), PASS(8 * LIMIT_DAY, 10000, 10000, 10000),
	    PASS(9 * LIMIT_DAY, 13000, 13000, 13000), PASS(10 * LIMIT_DAY, 1, 1, 16900)}},
    {"the ramp ends", {0}, "400000 x1.5",
	{PASS(0, 200000, 200000, 400000), PASS(LIMIT_DAY, 300000, 300000, 600000),
	    PASS(2 * LIMIT_DAY, 450000, 450000, 900000), PASS(3 * LIMIT_DAY, 1, 1, 0),
	    PASS(4 * LIMIT_DAY, 1, 1, 0)}},
    {"no ramp", {0}, "off", {PASS(0, 1000, 0, 0)}},
};

#define LIMIT_SCENARIOS (sizeof(limit_scenarios) / sizeof(*limit_scenarios))

#endif
