/*
 * text_diff.h - where two texts differ, told tag by tag: lines of HTML are often as long as the whole.
 */
#ifndef CTL_TEXT_DIFF_H
#define CTL_TEXT_DIFF_H

#include "base/slice.h"

/* One difference: what went, and what came; either may be empty. */
struct text_diff {
	size_t line; /* of the old text, from 1, where `old` begins */
	struct slice old, new;
	/* what is not yet compared */
	struct slice old_rest, new_rest;
	size_t line_rest;
};

void text_diff_begin(struct text_diff *d, struct slice old, struct slice new);

/* The next one; false: the rest is the same. A piece is a tag with the text before it, or up to a line's
 * end. Takes time for as many pieces as there are, times a bound. */
bool text_diff_next(struct text_diff *d);

#endif
