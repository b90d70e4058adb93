/*
 * html_comment.c - see html_comment.h.
 */
#include "mail/html_comment.h"

#include "mail/html_parts.h"

/* Where "[if …]>" ends, or the comment when it is bogus; 0: there is none. */
static size_t
condition_end(struct slice text, bool bogus)
{
	size_t end = html_find(text, 0, ']');

	if (!html_stands(text, 0, "[if") || html_stands(text, 3, "]") ||
	    html_skip_class(text, 3, HTML_ALNUM) > 3)
		return 0;
	for (; end < text.n; end = html_find(text, end + 1, ']')) {
		size_t next = html_skip_class(text, end + 1, HTML_SPACE);

		if (next < text.n && text.p[next] == '>')
			return next + 1;
		if (next == text.n && bogus)
			return next;
	}
	return 0;
}

static struct slice
trimmed(struct slice s)
{
	s = slice_from(s, html_skip_class(s, 0, HTML_SPACE));
	while (s.n > 0 && html_has_class(s.p[s.n - 1], HTML_SPACE))
		s.n--;
	return s;
}

/* "<![endif]", or without its "<!", "[endif]", as a bogus comment has it. */
static bool
is_endif(struct slice s, bool bogus)
{
	return slice_eq_nocase(s, slice_of(bogus ? "[endif]" : "<![endif]")) ||
	       (bogus && slice_eq_nocase(s, slice_of("[endif]--")));
}

/* What the condition hides. Nothing, or "<!" and dashes: that is the half of a pair of comments. */
static enum html_comment
hidden_or_not(struct slice text, size_t from, struct html_span *inside_r)
{
	static const struct slice end = SLICE_LIT("<![endif]");
	struct slice inside = slice_from(text, from), seen = trimmed(inside);

	if (seen.n == 0 || slice_eq(seen, slice_of("<!")) || slice_eq(seen, slice_of("<!--")))
		return HTML_COMMENT_REVEALED;
	if (seen.n >= end.n && slice_eq_nocase(slice_from(seen, seen.n - end.n), end))
		inside.n = (size_t)(seen.p - inside.p) + seen.n - end.n;
	inside_r->offset += from;
	inside_r->n = inside.n;
	return HTML_COMMENT_HIDDEN;
}

enum html_comment
html_comment_kind(const struct html *t, const struct html_token *token, struct html_span *inside_r)
{
	struct slice text = html_slice(t, token->text), seen = trimmed(text);
	size_t end = condition_end(seen, token->bogus);

	*inside_r = html_span_of(token->text.offset, token->text.offset);
	if (is_endif(seen, token->bogus))
		return HTML_COMMENT_ENDIF;
	if (token->bogus && slice_starts(text, slice_of("[CDATA[")))
		return HTML_COMMENT_CDATA;
	if (end == 0)
		return HTML_COMMENT_PLAIN;
	if (token->bogus)
		return HTML_COMMENT_REVEALED;
	return hidden_or_not(text, (size_t)(seen.p - text.p) + end, inside_r);
}
