/*
 * explain.h - what would have changed a decision, read off its record: which weight was one too
 * many, who alone stood in the way; and what a finding says.
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

/* "refused", "put off" … for the words of a record's action, and of a recipient's answer; NULL for
 * another word. */
const char *explain_answer_words(struct slice answer);

/* What a finding had been but for shadow mode: "reject", "defer" …; empty when it is in force. */
struct slice explain_would(const struct record *record, const struct record_finding *v);

/* Appends what a finding says to a person: the reason, the words without the code of the record, and
 * what shadow mode kept from happening. At most EXPLAIN_TEXT_BYTES. */
#define EXPLAIN_TEXT_BYTES 3100
void explain_text(struct buf *out, const struct record *record, const struct record_finding *v);

#endif
