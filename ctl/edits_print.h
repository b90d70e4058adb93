/*
 * edits_print.h - what would be changed in a message, in the three forms of out.h.
 */
#ifndef CTL_EDITS_PRINT_H
#define CTL_EDITS_PRINT_H

#include "mail/edit.h"
#include "out.h"

/* For a person, with a title; nothing when there are none. */
void edits_tell(struct out *out, const struct edits *edits);

/* For a pipe, one row each: edit, its kind, index, name, value. */
void edits_rows(struct out *out, const struct edits *edits);

/* An array of objects. */
json_t *edits_json(const struct edits *edits);

#endif
