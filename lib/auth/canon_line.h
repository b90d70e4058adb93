/*
 * canon_line.h - whole lines of a body, without their ends, for canon.c: those that need no change are
 * told apart eight bytes at a time, and what changes the others has no branch that depends on them.
 */
#ifndef AUTH_CANON_LINE_H
#define AUTH_CANON_LINE_H

#include "base/slice.h"

/* No tab, no blank behind another, none at the end: relaxed leaves it as it is. */
bool canon_line_is_relaxed(struct slice line);

/* No white space at all. */
bool canon_line_is_nofws(struct slice line);

/* What becomes of the line, in out, which has as much room; returns the length. */
size_t canon_line_relax(struct slice line, char *out);
size_t canon_line_strip(struct slice line, char *out);

#endif
