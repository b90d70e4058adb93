/*
 * explain.h - what would have changed a decision, read off its record: which weight was one too
 * many, who alone stood in the way.
 */
#ifndef POLICY_EXPLAIN_H
#define POLICY_EXPLAIN_H

#include "policy/record_parts.h"

/* Sentences about one record; a further one is dropped. */
#define EXPLAIN_MAX   12
#define EXPLAIN_BYTES 480 /* of one sentence; it is cut there */

struct explain_line {
	char text[EXPLAIN_BYTES]; /* a whole sentence; words in it may come from the network */
};

struct explain {
	struct explain_line v[EXPLAIN_MAX];
	size_t n;
};

/* The limit of these that the score reached: the highest; or the next one, the lowest above it. False
 * when there is none. A limit of 0 is none: nothing happens there. */
bool explain_limit_reached(struct slice limits, int64_t score, struct record_limit *limit_r);
bool explain_limit_next(struct slice limits, int64_t score, struct record_limit *limit_r);

/* Writes the sentences, the most important first. At least one. */
void explain_make(struct explain *explain_r, const struct record *record);

#endif
