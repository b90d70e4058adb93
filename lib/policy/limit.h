/*
 * limit.h - how much an account may send: a rate with bursts, a number a day, and the ramp on which
 * a new address of ours gets warm.
 *
 * The rules stand here once, over plain records; Redis does the same in its own words, and one table
 * of steps (tests/contract/limit_steps.h) holds both to it. One step is one recipient. Days are
 * those of UTC. All numbers stay below 2^53, so that a language of doubles counts them exactly.
 *
 * The rate is GCRA (ITU-T I.371): the record holds the time at which the bucket would be full again
 * (`tat_us`), and nothing else. What passes moves it by one interval; what would move it further
 * than burst * interval ahead of now waits.
 */
#ifndef POLICY_LIMIT_H
#define POLICY_LIMIT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

#define LIMIT_US_PER_S ((int64_t)1000000)
#define LIMIT_DAY_S    ((int64_t)86400)

#define LIMIT_RATE_MAX  100000                              /* recipients in one unit of time */
#define LIMIT_DAILY_MAX ((int64_t)1000000000)               /* recipients */
#define LIMIT_AHEAD_US  (30 * LIMIT_DAY_S * LIMIT_US_PER_S) /* no bucket takes longer to fill */

struct limit_rate {
	int64_t interval_us; /* between two recipients; 0: no rate */
	int64_t burst; /* recipients at once, from 1; with a slow rate, fewer: LIMIT_AHEAD_US */
	int64_t daily; /* 0: as many as may be */
};

/* All 0: there is none. */
struct limit_bucket {
	int64_t tat_us;
	int64_t day; /* since 1970 */
	int64_t count;
};

enum limit_outcome {
	LIMIT_PASS,
	LIMIT_RATE,   /* too fast: a little later */
	LIMIT_DAILY,  /* the day's number is reached */
	LIMIT_WARMUP, /* the day's step of the ramp is reached */
};

struct limit_step {
	enum limit_outcome outcome;
	int64_t wait_s; /* until it may pass, rounded up; 0: it passes */
	int64_t count;  /* of the day, this one included when it passes */
	int64_t limit;  /* of the day; 0: none */
};

/* "200/s", "30/m", "1000/h", "5000/d", or "off". 0, or -1 with what is allowed. */
int limit_rate_parse(struct slice text, int64_t *interval_us_r, struct err *err);

/* One recipient at now_us (Unix time): both limits have room, and it is counted in both, or it is
 * counted in neither. */
struct limit_step limit_advance(
    struct limit_bucket *bucket, int64_t now_us, const struct limit_rate *rate);

/* --- warm-up --- */

/* Steps of the schedule, and how many a day end it: whoever sends as much is warm. */
#define LIMIT_RAMP_PARTS 4
#define LIMIT_RAMP_OVER  1000000

/* The first day allows `first`; each further one multiplies by the part's factor, up to where the
 * next part begins. All 0: no ramp. */
struct limit_ramp {
	int64_t first;
	size_t nparts;
	struct limit_ramp_part {
		int64_t percent; /* 200: twice as many */
		int64_t until;   /* recipients a day; the last part's is LIMIT_RAMP_OVER */
	} parts[LIMIT_RAMP_PARTS];
};

struct limit_warmth {
	int64_t step; /* on the ramp, from 0 */
	int64_t day;
	int64_t count;
};

/* "off", "on" (50 x2 10000 x1.3), or such a text: the first day, then factor and bound in turn,
 * the last factor without a bound. 0, or -1 with what is allowed. */
int limit_ramp_parse(struct slice text, struct limit_ramp *ramp_r, struct err *err);

/* How many that step of the ramp allows a day; LIMIT_RAMP_OVER: as many as may be. */
int64_t limit_ramp_at(const struct limit_ramp *ramp, int64_t step);

/* One recipient. The ramp goes on by one step when a day begins and the last day on which anything
 * was sent used at least half of what it was allowed: who sends nothing does not get warm. With
 * `more`, the recipient is another one of a message that has its lane: counted, never refused. */
struct limit_step limit_warm(
    struct limit_warmth *warmth, int64_t now_us, const struct limit_ramp *ramp, bool more);

/* "pass", "rate", "daily", "warmup". */
const char *limit_outcome_name(enum limit_outcome outcome);

/* Appends the sentence for the client of what does not pass. */
void limit_words(struct buf *out, const struct limit_step *step);

#endif
