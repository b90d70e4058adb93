/*
 * html_markup.c - comments and what passes for one (WHATWG 13.2.5.41 to 52).
 */
#include "mail/html_parts.h"

/* Up to ">" or the end of the input. */
static size_t
bogus_read(struct slice in, size_t i, struct html_token *token)
{
	size_t end = html_find(in, i, '>');

	token->kind = HTML_COMMENT;
	token->bogus = true;
	token->text = html_span_of(i, end);
	return end < in.n ? end + 1 : end;
}

/* Bytes of the comment's end before its ">" at `end`; SIZE_MAX: that ends no comment. `from` is
 * behind "<!--", whose dashes count only in <!--> and <!--->. */
static size_t
end_bytes(struct slice in, size_t from, size_t end)
{
	size_t n = end - from;
	const char *p = in.p + end;

	if (n == 0 || (n == 1 && p[-1] == '-'))
		return n;
	if (n >= 2 && p[-1] == '-' && p[-2] == '-')
		return 2;
	if (n >= 3 && p[-1] == '!' && p[-2] == '-' && p[-3] == '-')
		return 3;
	return SIZE_MAX;
}

/* The same of a comment that the input ends in: what might have become its end is dropped. */
static size_t
cut_bytes(struct slice text)
{
	if (slice_ends(text, slice_of("--!")))
		return 3;
	if (slice_ends(text, slice_of("--")))
		return 2;
	return slice_ends(text, slice_of("-")) ? 1 : 0;
}

static size_t
comment_read(struct slice in, size_t i, struct html_token *token)
{
	size_t end = i, cut;

	token->kind = HTML_COMMENT;
	for (; (end = html_find(in, end, '>')) < in.n; end++) {
		cut = end_bytes(in, i, end);
		if (cut != SIZE_MAX) {
			token->text = html_span_of(i, end - cut);
			return end + 1;
		}
	}
	cut = cut_bytes(slice_from(in, i));
	token->text = html_span_of(i, end - cut);
	return end;
}

size_t
html_read_markup(struct slice in, size_t i, struct html_token *token)
{
	char c = in.p[i + 1];

	if (c == '?')
		return bogus_read(in, i + 1, token);
	if (c == '/' && in.p[i + 2] == '>') {
		token->kind = HTML_DROPPED;
		return i + 3;
	}
	if (html_stands(in, i, "<!--"))
		return comment_read(in, i + 4, token);
	if (html_stands(in, i, "<!doctype"))
		return html_read_doctype(in, i + 9, token);
	return bogus_read(in, i + 2, token);
}
