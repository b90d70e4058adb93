/*
 * html_text.c - where text ends in which most tags are text (WHATWG 13.2.5.2 to 5, 13.2.5.9 to 31,
 * 13.2.5.69).
 */
#include "mail/html_parts.h"

/* "<" at i, `slash` behind it, the name, and then what ends a name? */
static bool
is_tag(struct slice in, size_t i, struct slice name, bool slash)
{
	struct slice rest = slice_from(in, i + (slash ? 2 : 1));

	if (name.n == 0 || (slash && (i + 1 >= in.n || in.p[i + 1] != '/')))
		return false;
	return slice_starts_nocase(rest, name) && rest.n > name.n &&
	       html_has_class(rest.p[name.n], HTML_ENDS_NAME);
}

static size_t
end_tag_find(struct slice in, size_t i, struct slice name)
{
	for (; (i = html_find(in, i, '<')) < in.n; i++)
		if (is_tag(in, i, name, true))
			break;
	return i;
}

/* Behind "<!--" a script may hold <script> and </script> as text, until "-->" (two dashes that may be
 * those of "<!--"). i is behind the "<!--". */
static bool
script_escaped_end(struct slice in, size_t *i, struct slice last)
{
	static const struct slice script = SLICE_LIT("script");
	bool twice = false;

	for (; *i < in.n; (*i)++) {
		char c = in.p[*i];

		if (c == '>' && in.p[*i - 1] == '-' && in.p[*i - 2] == '-')
			return false;
		if (c != '<')
			continue;
		if (!twice && is_tag(in, *i, last, true))
			return true;
		if (is_tag(in, *i, script, twice))
			twice = !twice;
	}
	return true;
}

static size_t
script_end(struct slice in, size_t i, struct slice last)
{
	while ((i = html_find(in, i, '<')) < in.n) {
		if (is_tag(in, i, last, true))
			return i;
		if (!html_stands(in, i, "<!--")) {
			i++;
			continue;
		}
		i += 4;
		if (script_escaped_end(in, &i, last))
			return i;
	}
	return i;
}

size_t
html_text_end(const struct html *t)
{
	if (t->state == HTML_PLAINTEXT)
		return t->in.n;
	if (t->state == HTML_SCRIPT)
		return script_end(t->in, t->at, t->last);
	return end_tag_find(t->in, t->at, t->last);
}

size_t
html_read_cdata(struct slice in, size_t i, struct html_token *token)
{
	size_t end = i;

	token->kind = HTML_TEXT;
	token->state = HTML_CDATA;
	for (; (end = html_find(in, end, '>')) < in.n; end++)
		if (end >= i + 2 && in.p[end - 1] == ']' && in.p[end - 2] == ']') {
			token->text = html_span_of(i, end - 2);
			return end + 1;
		}
	token->text = html_span_of(i, end);
	return end;
}
