/*
 * track_code_check.c - do edits of a part's content make what they shall? See track_code_parts.h.
 */
#include "mail/sevenbit.h"
#include "mail/survey.h"
#include "policy/track_code_parts.h"

/* What the edits make, read again. */
struct check {
	struct transfer_decoder decoder;
	struct survey survey;
	struct slice wanted; /* what is still to come */
};

static int
wanted_put(void *to, struct slice bytes)
{
	struct check *check = to;

	if (!slice_starts(check->wanted, bytes))
		return -1;
	check->wanted = slice_from(check->wanted, bytes.n);
	return 0;
}

static int
piece_check(struct check *check, struct slice piece)
{
	survey_add(&check->survey, piece);
	return transfer_decode(&check->decoder, piece);
}

static void
check_begin(struct check *check, const struct code *c, struct slice wanted)
{
	check->survey = (struct survey){.column = 0};
	check->wanted = wanted;
	transfer_decoder_init(&check->decoder, c->to, (struct sink){wanted_put, check});
}

static bool
check_is_good(struct check *check, const struct code *c)
{
	survey_end(&check->survey);
	return check->wanted.n == 0 && survey_is_clean(&check->survey, SEVENBIT_LINE_MAX) &&
	       (check->decoder.defects & ~c->html->map.defects) == 0;
}

/* Decoded, it is the patched text, byte for byte, in short lines of ASCII. */
static bool
whole_is_right(const struct code *c)
{
	struct check check;
	size_t done = 0;

	check_begin(&check, c, c->patched);
	for (size_t i = 0; i < c->n; i++) {
		struct slice before = slice_make(c->raw.p + done, c->edits[i].offset - done);

		if (piece_check(&check, before) != 0 || piece_check(&check, c->edits[i].text) != 0)
			return false;
		done = c->edits[i].offset + c->edits[i].n;
	}
	return piece_check(&check, slice_from(c->raw, done)) == 0 &&
	       transfer_decode_end(&check.decoder) == 0 && check_is_good(&check, c);
}

/* The decoder needs nothing of what follows, and what follows nothing of it. */
static bool
is_between(const struct transfer_decoder *d, struct slice text)
{
	return d->nheld == 0 && d->digits == 0 && !d->padded && slice_ends(text, slice_of("\r\n"));
}

/* Lines that come instead of others. */
static bool
lines_are_right(const struct code *c, const struct code_edit *edit)
{
	struct slice behind = slice_from(c->raw, edit->offset + edit->n);
	struct check check;

	check_begin(&check, c, edit->says);
	if ((edit->offset > 0 && c->raw.p[edit->offset - 1] != '\n') ||
	    piece_check(&check, edit->text) != 0)
		return false;
	if (edit->until < c->html->map.decoded.n ? !is_between(&check.decoder, edit->text)
						 : piece_check(&check, behind) != 0)
		return false;
	return transfer_decode_end(&check.decoder) == 0 && check_is_good(&check, c);
}

/* Is that the patched text from *done on, as it was before at `from` until `until`? It moves *done. */
static bool
gap_is_right(const struct code *c, size_t from, size_t until, size_t *done)
{
	struct slice gap = slice_make(c->html->map.decoded.p + from, until - from);

	if (!slice_starts(slice_from(c->patched, *done), gap))
		return false;
	*done += gap.n;
	return true;
}

/* The same as whole_is_right(), of edits by lines. What the lines between them say was found out when the
 * map was made, and that they are short and ASCII, before they were left as they are. */
static bool
edits_are_right(const struct code *c)
{
	size_t from = 0, done = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct code_edit *edit = &c->edits[i];

		if (edit->from < from || !gap_is_right(c, from, edit->from, &done) ||
		    edit->says.p != c->patched.p + done || !lines_are_right(c, edit))
			return false;
		done += edit->says.n;
		from = edit->until;
	}
	return gap_is_right(c, from, c->html->map.decoded.n, &done) && done == c->patched.n;
}

bool
track_code_is_right(const struct code *c)
{
	return c->by_lines ? edits_are_right(c) : whole_is_right(c);
}
