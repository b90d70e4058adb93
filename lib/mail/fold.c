/*
 * fold.c - see fold.h.
 */
#include "mail/fold.h"

/* A line of the value, without its LF, off its front. */
static struct slice
line_next(struct slice *rest)
{
	struct slice line = slice_head(*rest, slice_find(*rest, '\n'));

	*rest = slice_from(*rest, line.n + 1);
	return line;
}

/* What the name and its colon take of the first line. */
static size_t
name_width(struct slice name)
{
	return name.n + 1;
}

bool
fold_fits(struct slice name, struct slice value, size_t line_max)
{
	size_t before = name_width(name);

	do {
		if (before + line_next(&value).n > line_max)
			return false;
		before = 0;
	} while (value.n > 0);
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where to fold: before the last white space that lets the line fit, with something else before and
 * behind it, so that no line is blank; 0: nowhere. */
static size_t
fold_at(struct slice line, size_t room)
{
	size_t first = 0, last = line.n;

	while (first < line.n && is_blank(line.p[first]))
		first++;
	while (last > first && is_blank(line.p[last - 1]))
		last--;
	for (size_t at = room < last ? room : last; at > first; at--) {
		if (at < last && is_blank(line.p[at]) && !is_blank(line.p[at - 1]))
			return at;
	}
	return 0;
}

static bool
line_put(struct slice line, size_t before, size_t line_max, struct buf *out)
{
	while (before + line.n > line_max) {
		size_t at = before < line_max ? fold_at(line, line_max - before) : 0;

		if (at == 0)
			return false;
		buf_add(out, slice_head(line, at));
		buf_add_char(out, '\n');
		line = slice_from(line, at);
		before = 0;
	}
	buf_add(out, line);
	return true;
}

bool
fold_value(struct slice name, struct slice value, size_t line_max, struct buf *out)
{
	size_t begin = out->n, before = name_width(name);

	for (;;) {
		if (!line_put(line_next(&value), before, line_max, out)) {
			out->n = begin;
			return false;
		}
		if (value.n == 0)
			return true;
		buf_add_char(out, '\n');
		before = 0;
	}
}
