/*
 * mime_header.c - see mime_header.h.
 */
#include "mail/mime_parts.h"

bool
mime_field_parse(struct slice lines, struct message_field *field_r)
{
	size_t name = 0, colon;

	/* RFC 5322 section 2.2; blanks before the colon are obsolete, but come */
	while (
	    name < lines.n && lines.p[name] > ' ' && lines.p[name] <= '~' && lines.p[name] != ':')
		name++;
	for (colon = name; colon < lines.n; colon++)
		if (lines.p[colon] != ' ' && lines.p[colon] != '\t')
			break;
	if (name == 0 || colon == lines.n || lines.p[colon] != ':')
		return false;
	while (
	    lines.n > colon + 1 && (lines.p[lines.n - 1] == '\n' || lines.p[lines.n - 1] == '\r'))
		lines.n--;
	field_r->name = slice_head(lines, name);
	field_r->value = slice_from(lines, colon + 1);
	return true;
}

static bool
field_take(struct slice value, struct slice *value_r, bool *has_r)
{
	if (*has_r)
		return false;
	*value_r = value;
	*has_r = true;
	return true;
}

bool
mime_fields_add(struct mime_fields *fields, const struct message_field *field)
{
	static const char prefix[] = "Content-";
	struct slice rest = slice_from(field->name, sizeof(prefix) - 1);
	bool first = true;

	if (!slice_starts_nocase(field->name, slice_of(prefix)))
		return false;
	if (slice_eq_nocase(rest, slice_of("Type")))
		first = field_take(field->value, &fields->type, &fields->has_type);
	else if (slice_eq_nocase(rest, slice_of("Disposition")))
		first = field_take(field->value, &fields->disposition, &fields->has_disposition);
	else if (slice_eq_nocase(rest, slice_of("Transfer-Encoding"))) {
		first = field_take(field->value, &fields->encoding, &fields->has_encoding);
		fields->twice = fields->twice || !first;
		return first;
	}
	fields->twice = fields->twice || !first;
	fields->has_md5 = fields->has_md5 || slice_eq_nocase(rest, slice_of("MD5"));
	return false;
}

/* A word: up to white space, or one of these. */
static struct slice
word_take(struct slice *s)
{
	struct slice word = *s;

	for (word.n = 0; word.n < s->n; word.n++)
		if (ascii_is_space(s->p[word.n]) || memchr("/;(", s->p[word.n], 3) != NULL)
			break;
	*s = slice_from(*s, word.n);
	return word;
}

bool
mime_type_parse(struct slice value, struct slice *type_r, struct slice *subtype_r)
{
	struct slice left = mime_skip_comments(value), type, subtype;

	type = word_take(&left);
	left = mime_skip_comments(left);
	if (type.n == 0 || left.n == 0 || left.p[0] != '/')
		return false;
	left = mime_skip_comments(slice_from(left, 1));
	subtype = word_take(&left);
	if (subtype.n == 0)
		return false;
	*type_r = type;
	*subtype_r = subtype;
	return true;
}

enum mime_disposition
mime_disposition_parse(struct slice value)
{
	struct slice left = mime_skip_comments(value), word = word_take(&left);

	if (word.n == 0)
		return MIME_DISPOSITION_NONE;
	return slice_eq_nocase(word, slice_of("inline")) ? MIME_INLINE : MIME_ATTACHMENT;
}
