/*
 * explain_print.h - one decision record, in the three forms of out.h.
 */
#ifndef CTL_EXPLAIN_PRINT_H
#define CTL_EXPLAIN_PRINT_H

#include "out.h"
#include "policy/record.h"

/* For a person: who asked what and when, what was found, who was answered what, and what would have
 * changed it. */
void explain_tell(struct out *out, const struct record *record, int64_t now_s);

/* For a pipe, one row a line: the field's name, and its parts. Lists have a row for each entry. */
void explain_rows(struct out *out, const struct record *record);

/* The object for JSON; NULL without memory. */
json_t *explain_json(const struct record *record);

/* "  LABEL      " and "  LABEL      TEXT\n": a line of what explain_tell() prints. */
void explain_label(struct out *out, const char *label);
void explain_line(struct out *out, const char *label, struct slice text);

#endif
