/*
 * html_doctype.c - <!DOCTYPE name PUBLIC "…" "…"> (WHATWG 13.2.5.53 to 68).
 */
#include "mail/html_parts.h"

/* A quoted string at *i, or behind white space there; *i goes behind it, or to what is wrong. */
static bool
id_read(struct slice in, size_t *i, struct html_span *id_r, bool *has_r)
{
	size_t from = html_skip_class(in, *i, HTML_SPACE), end;
	char quote = (char)(from < in.n ? in.p[from] : '\0');

	*i = from;
	if (quote != '"' && quote != '\'')
		return false;
	for (end = ++from; end < in.n && in.p[end] != quote && in.p[end] != '>'; end++)
		continue;
	*id_r = html_span_of(from, end);
	*has_r = true;
	*i = end < in.n && in.p[end] == quote ? end + 1 : end;
	return end < in.n && in.p[end] == quote;
}

/* What is behind the name. False: what there is lets a browser render in quirks mode. */
static bool
ids_read(struct slice in, size_t *i, struct html_doctype *d)
{
	bool is_public = html_stands(in, *i, "public");

	if (!is_public && !html_stands(in, *i, "system"))
		return *i < in.n && in.p[*i] == '>';
	*i += 6;
	if (is_public) {
		if (!id_read(in, i, &d->public_id, &d->has_public))
			return false;
		*i = html_skip_class(in, *i, HTML_SPACE);
		if (*i < in.n && in.p[*i] == '>')
			return true;
	}
	if (!id_read(in, i, &d->system_id, &d->has_system))
		return false;
	*i = html_skip_class(in, *i, HTML_SPACE);
	/* whatever else there is does no harm, so long as there is anything */
	return *i < in.n;
}

size_t
html_read_doctype(struct slice in, size_t i, struct html_token *token)
{
	struct html_doctype *d = &token->doctype;
	size_t from = html_skip_class(in, i, HTML_SPACE);

	token->kind = HTML_DOCTYPE;
	*d = (struct html_doctype){.quirks = true};
	for (i = from; i < in.n && in.p[i] != '>' && !html_has_class(in.p[i], HTML_SPACE);)
		i++;
	token->name = html_span_of(from, i);
	i = html_skip_class(in, i, HTML_SPACE);
	if (token->name.n > 0)
		d->quirks = !ids_read(in, &i, d);
	i = html_find(in, i, '>');
	return i < in.n ? i + 1 : i;
}
