/*
 * text_diff.c - see text_diff.h.
 */
#include "text_diff.h"

/* How many pieces may come or go in one place, before all that follows counts as different. */
#define AHEAD 64

/* The first piece of it. */
static struct slice
piece_first(struct slice text)
{
	size_t n = slice_find(text, '\n'), tag = slice_find(slice_head(text, n), '>');

	return slice_head(text, (tag < n ? tag : n) + 1);
}

/* Takes n pieces off the beginning; false when there are fewer. */
static bool
pieces_skip(struct slice *text, size_t n)
{
	for (; n > 0; n--) {
		if (text->n == 0)
			return false;
		*text = slice_from(*text, piece_first(*text).n);
	}
	return true;
}

/* Do both go on with the same piece, and another one where that is blank; or end? */
static bool
meet(struct slice a, struct slice b)
{
	struct slice x, y;

	do {
		x = piece_first(a);
		y = piece_first(b);
		if (!slice_eq(x, y))
			return false;
		a = slice_from(a, x.n);
		b = slice_from(b, y.n);
	} while (x.n > 0 && slice_trim(x).n == 0);
	return true;
}

/* Where they are the same again, with as few pieces between as can be. */
static void
meeting_find(const struct text_diff *d, struct slice *a, struct slice *b)
{
	for (size_t pieces = 1; pieces <= AHEAD; pieces++) {
		for (size_t come = 0; come <= pieces; come++) {
			*a = d->old_rest;
			*b = d->new_rest;
			if (pieces_skip(a, pieces - come) && pieces_skip(b, come) && meet(*a, *b))
				return;
		}
	}
	*a = *b = slice_make(NULL, 0);
}

static size_t
lines_count(struct slice text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	return lines;
}

/* Takes the same beginning off both. */
static void
same_skip(struct text_diff *d)
{
	while (d->old_rest.n > 0) {
		struct slice piece = piece_first(d->old_rest);

		if (!slice_eq(piece, piece_first(d->new_rest)))
			return;
		d->line_rest += piece.p[piece.n - 1] == '\n';
		d->old_rest = slice_from(d->old_rest, piece.n);
		d->new_rest = slice_from(d->new_rest, piece.n);
	}
}

void
text_diff_begin(struct text_diff *d, struct slice old, struct slice new)
{
	*d = (struct text_diff){.old_rest = old, .new_rest = new, .line_rest = 1};
}

bool
text_diff_next(struct text_diff *d)
{
	struct slice a, b;

	same_skip(d);
	if (d->old_rest.n + d->new_rest.n == 0)
		return false;
	meeting_find(d, &a, &b);
	d->line = d->line_rest;
	d->old = slice_head(d->old_rest, d->old_rest.n - a.n);
	d->new = slice_head(d->new_rest, d->new_rest.n - b.n);
	d->line_rest += lines_count(d->old);
	d->old_rest = a;
	d->new_rest = b;
	return true;
}
