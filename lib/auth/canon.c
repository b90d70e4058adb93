/*
 * canon.c - see canon.h.
 *
 * A body is read in two ways. Whole lines are looked at once, eight bytes at a time: one that is in
 * order becomes part of a run, which is put from where it lies; of any other the changed form is
 * made. Lines that a chunk cuts, or that are longer than mail may have them, go byte by byte.
 */
#include "auth/canon.h"

#include "auth/canon_line.h"

#include <assert.h>

/* RFC 5322 section 2.1.1 allows 998; a longer line that has to be changed goes byte by byte. */
#define LINE_BYTES 1024

static_assert(CANON_OUT_BYTES > LINE_BYTES + 2, "a changed line fits");

void
canon_init(struct canon *c, enum canon_kind kind, const struct sink *sink)
{
	c->kind = kind;
	c->sink = *sink;
	c->empty_lines = 0;
	c->in_line = c->space = c->cr = false;
	c->n = 0;
}

static void
out_flush(struct canon *c)
{
	(void)sink_put(&c->sink, slice_make(c->out, c->n));
	c->n = 0;
}

/* Makes room for n bytes. */
static void
out_reserve(struct canon *c, size_t n)
{
	if (n > sizeof(c->out) - c->n)
		out_flush(c);
}

static void
out_byte(struct canon *c, char byte)
{
	out_reserve(c, 1);
	c->out[c->n++] = byte;
}

static void
out_line_end(struct canon *c)
{
	out_byte(c, '\r');
	out_byte(c, '\n');
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* --- header fields --- */

/* Blanks and folds become one blank between words, none at the ends. */
static void
value_relax(struct canon *c, struct slice value)
{
	bool space = false, begun = false;

	for (size_t i = 0; i < value.n; i++) {
		char byte = value.p[i];

		if (byte == '\n' || (byte == '\r' && i + 1 < value.n && value.p[i + 1] == '\n'))
			continue; /* of a fold, whose blank follows */
		if (is_blank(byte)) {
			space = true;
			continue;
		}
		if (space && begun)
			out_byte(c, ' ');
		out_byte(c, byte);
		begun = true;
		space = false;
	}
}

static void
text_strip(struct canon *c, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_space(text.p[i]))
			out_byte(c, text.p[i]);
}

void
canon_header_open(struct canon *c, struct slice name, struct slice value)
{
	if (c->kind == CANON_NOFWS) {
		text_strip(c, name);
		out_byte(c, ':');
		text_strip(c, value);
		return;
	}
	name = slice_trim(name);
	for (size_t i = 0; i < name.n; i++)
		out_byte(c, ascii_lower(name.p[i]));
	out_byte(c, ':');
	value_relax(c, value);
}

void
canon_header(struct canon *c, struct slice name, struct slice value)
{
	canon_header_open(c, name, value);
	out_line_end(c);
}

void
canon_eoh(struct canon *c)
{
	c->empty_lines = 1;
}

/* --- the body, byte by byte --- */

static void
empty_lines_put(struct canon *c)
{
	for (; c->empty_lines > 0; c->empty_lines--)
		out_line_end(c);
}

static void
data_byte(struct canon *c, char byte)
{
	if (!c->in_line)
		empty_lines_put(c);
	if (c->space)
		out_byte(c, ' ');
	out_byte(c, byte);
	c->in_line = true;
	c->space = false;
}

static void
line_end(struct canon *c)
{
	if (c->in_line)
		out_line_end(c);
	else
		c->empty_lines++;
	c->in_line = c->space = c->cr = false;
}

/* True when it was the end of a line. */
static bool
body_byte(struct canon *c, char byte)
{
	bool nofws = c->kind == CANON_NOFWS;

	if (c->cr && byte == '\n') {
		line_end(c);
		return true;
	}
	if (c->cr && !nofws)
		data_byte(c, '\r');
	c->cr = byte == '\r';
	if (c->cr || (nofws && ascii_is_space(byte)))
		return false;
	if (is_blank(byte))
		c->space = true;
	else
		data_byte(c, byte);
	return false;
}

/* Reads up to the end of the line at hand; returns how far it got. */
static size_t
line_rest(struct canon *c, struct slice chunk)
{
	size_t i = 0;

	while (i < chunk.n && !body_byte(c, chunk.p[i++]))
		continue;
	return i;
}

/* --- the body, whole lines --- */

/* A line of up to LINE_BYTES that is not in order; it may come out empty. */
static void
line_change(struct canon *c, struct slice line)
{
	char changed[LINE_BYTES];
	size_t n = c->kind == CANON_RELAXED ? canon_line_relax(line, changed)
					    : canon_line_strip(line, changed);

	if (n == 0) {
		c->empty_lines++;
		return;
	}
	empty_lines_put(c);
	out_reserve(c, n);
	memcpy(c->out + c->n, changed, n);
	c->n += n;
	out_line_end(c);
}

/* Puts lines as they lie, behind what was to come before. */
static void
run_put(struct canon *c, struct slice run)
{
	if (run.n == 0)
		return;
	out_flush(c);
	(void)sink_put(&c->sink, run);
}

/* The lines at the front that need no change, their ends included, and those empty lines between
 * them. */
static struct slice
run_find(const struct canon *c, struct slice left)
{
	struct slice run = slice_head(left, 0);
	size_t at = 0;

	for (;;) {
		struct slice rest = slice_from(left, at);
		size_t end = slice_find(rest, '\n');
		struct slice line = slice_head(rest, end > 0 ? end - 1 : 0);

		if (end == rest.n || end == 0 || rest.p[end - 1] != '\r')
			return run;
		if (!(c->kind == CANON_RELAXED ? canon_line_is_relaxed(line)
					       : canon_line_is_nofws(line)))
			return run;
		at += end + 1;
		if (line.n > 0)
			run.n = at;
		else if (run.n == 0)
			return run; /* else of many empty lines each would look at all the others */
	}
}

/* The line at the front, which is at its beginning, and not in order or not whole. */
static size_t
line_take(struct canon *c, struct slice left)
{
	size_t end = slice_find(left, '\n');

	if (end == left.n || end == 0 || left.p[end - 1] != '\r' || end > LINE_BYTES)
		return line_rest(c, left);
	line_change(c, slice_head(left, end - 1));
	return end + 1;
}

void
canon_body(struct canon *c, struct slice chunk)
{
	if (c->in_line || c->space || c->cr)
		chunk = slice_from(chunk, line_rest(c, chunk));
	while (chunk.n > 0) {
		struct slice run = run_find(c, chunk);

		if (run.n > 0)
			empty_lines_put(c);
		run_put(c, run);
		chunk = slice_from(chunk, run.n);
		if (chunk.n > 0)
			chunk = slice_from(chunk, line_take(c, chunk));
	}
}

void
canon_finish(struct canon *c)
{
	if (c->cr && c->kind == CANON_RELAXED)
		data_byte(c, '\r');
	if (c->in_line)
		out_line_end(c);
	out_flush(c);
	c->in_line = c->space = c->cr = false;
	c->empty_lines = 0;
}
