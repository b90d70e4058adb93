/*
 * explain_parts.h - what the two files of explain.h share: words for the parts of a record.
 */
#ifndef POLICY_EXPLAIN_PARTS_H
#define POLICY_EXPLAIN_PARTS_H

#include "policy/explain.h"

bool explain_check_is(const struct record_finding *v, const char *check);
bool explain_kind_is(const struct record_finding *v, const char *kind);

/* Appends the name of a check as people call it, or an answer in words. */
void explain_check_add(struct buf *line, struct slice check);
void explain_answer_add(struct buf *out, struct slice answer);

/* Index of the first such word in text, or text.n. */
size_t explain_find(struct slice text, struct slice word);

/* "reject:dmarc", or "reject": what shadow mode kept from happening; and who would have done it, or
 * an empty slice. */
struct slice explain_would_of(const struct record *record, struct slice *check_r);

#endif
