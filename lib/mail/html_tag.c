/*
 * html_tag.c - a tag: its name and its attributes (WHATWG 13.2.5.8, 13.2.5.32 to 40).
 */
#include "mail/html_parts.h"

/* Is there one of that name already? Some 20,000 comparisons of two numbers a tag at worst. */
static bool
is_duplicate(struct slice in, const struct html_token *token, const struct html_attr *attr)
{
	for (size_t i = 0; i < token->nattrs; i++) {
		const struct html_attr *other = &token->attrs[i];

		if (other->hash == attr->hash && other->name.n == attr->name.n &&
		    slice_eq_nocase(slice_make(in.p + other->name.offset, other->name.n),
			slice_make(in.p + attr->name.offset, attr->name.n)))
			return true;
	}
	return false;
}

/* The name from i on, of which the first byte belongs to it whatever it is. */
static size_t
name_read(struct slice in, size_t i, struct html_attr *attr)
{
	size_t from = i;
	uint32_t hash = 0;

	do
		hash = hash * 31 + (unsigned char)ascii_lower(in.p[i++]);
	while (i < in.n && !html_has_class(in.p[i], HTML_ENDS_ATTR));
	attr->name = html_span_of(from, i);
	attr->hash = hash;
	return i;
}

/* What is behind "=". The place behind it, or in.n when the input ends there. */
static size_t
value_read(struct slice in, size_t i, struct html_attr *attr)
{
	size_t from = html_skip_class(in, i, HTML_SPACE), end;
	char c = (char)(from < in.n ? in.p[from] : '\0');

	if (c == '"' || c == '\'') {
		end = html_find(in, ++from, c);
		attr->quoting = c == '"' ? HTML_VALUE_DOUBLE : HTML_VALUE_SINGLE;
		attr->value = html_span_of(from, end);
		return end < in.n ? end + 1 : end;
	}
	end = html_find_class(in, from, HTML_ENDS_BARE);
	attr->quoting = HTML_VALUE_BARE;
	attr->value = html_span_of(from, end);
	return end;
}

static size_t
attr_read(struct slice in, size_t i, struct html_token *token)
{
	struct html_attr unkept = {.quoting = HTML_VALUE_ABSENT};
	bool kept = token->nattrs < HTML_ATTRS_MAX;
	struct html_attr *attr = kept ? &token->attrs[token->nattrs] : &unkept;
	size_t end = name_read(in, i, attr), sign = html_skip_class(in, end, HTML_SPACE);

	if (sign < in.n && in.p[sign] == '=') {
		end = value_read(in, sign + 1, attr);
	} else {
		attr->quoting = HTML_VALUE_ABSENT;
		attr->value = html_span_of(end, end);
	}
	token->nattrs_all++;
	token->over = !kept;
	if (kept) {
		attr->duplicate = is_duplicate(in, token, attr);
		token->nattrs++;
	}
	return end;
}

size_t
html_read_tag(struct slice in, size_t i, struct html_token *token)
{
	size_t end = html_find_class(in, i, HTML_ENDS_NAME);

	token->name = html_span_of(i, end);
	for (;;) {
		size_t from = end;

		end = html_skip_class(in, end, HTML_SKIPPED);
		if (end >= in.n)
			break;
		if (in.p[end] == '>') {
			/* the "/" must stand between attributes: in <a b=/> it is the value */
			token->self_closing = end > from && in.p[end - 1] == '/';
			return end + 1;
		}
		end = attr_read(in, end, token);
	}
	token->kind = HTML_DROPPED;
	token->nattrs = token->nattrs_all = 0;
	token->name = html_span_of(i, i);
	token->over = false;
	return end;
}
