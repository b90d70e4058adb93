/*
 * dsn_json.c - notifications of Amazon SES, which SNS sends as mail: one JSON object in the text.
 *
 * Only what is wanted is looked for, by the names of its members: "bouncedRecipients", an array of
 * objects with "emailAddress", "action", "status" and "diagnosticCode".
 */
#include "policy/dsn_parts.h"

/* Where `text` stands in s; s.n: nowhere. */
static size_t
text_find(struct slice s, struct slice text)
{
	for (size_t i = 0; i + text.n <= s.n; i++) {
		const char *p = memchr(s.p + i, text.p[0], s.n - i);

		if (p == NULL)
			break;
		i = (size_t)(p - s.p);
		if (slice_starts(slice_from(s, i), text))
			return i;
	}
	return s.n;
}

/* The string behind the next member of that name (with quotes and colon), before `end`. */
static struct slice
member(struct slice object, const char *name)
{
	size_t at = text_find(object, slice_of(name));
	struct slice value = slice_from(object, at + strlen(name));
	size_t n = 0;

	while (value.n > 0 && (ascii_is_space(value.p[0]) || value.p[0] == ':'))
		value = slice_from(value, 1);
	if (at == object.n || value.n == 0 || value.p[0] != '"')
		return slice_head(object, 0);
	value = slice_from(value, 1);
	while (n < value.n && value.p[n] != '"')
		n += value.p[n] == '\\' ? 2 : 1;
	return slice_head(value, n);
}

/* False: no room for more. */
static bool
object_read(struct dsn_scan *s, struct slice object)
{
	struct slice diagnostic = member(object, "\"diagnosticCode\"");
	struct dsn_recipient *r = dsn_recipient_add(s);
	size_t semicolon = slice_find(diagnostic, ';');

	if (r == NULL)
		return false;
	r->address = dsn_address_clean(member(object, "\"emailAddress\""));
	r->status = dsn_codes_find(member(object, "\"status\""), '\0').status;
	r->diagnostic = slice_trim(
	    slice_from(diagnostic, semicolon < diagnostic.n ? semicolon + 1 : 0));
	r->action = slice_eq(member(object, "\"action\""), slice_of("delayed")) ? DSN_DELAYED
										: DSN_FAILED;
	return true;
}

/* From the "{" on: where its "}" is, strings aside. */
static size_t
object_end(struct slice text)
{
	bool string = false;

	for (size_t i = 1; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '"')
			string = !string;
		else if (!string && (text.p[i] == '}' || text.p[i] == '{' || text.p[i] == ']'))
			return i;
	}
	return text.n;
}

/* One object as a string of another one. */
static struct slice
unescape(struct arena *a, struct slice text)
{
	char *storage = arena_alloc(a, text.n);
	struct buf out;

	if (storage == NULL)
		return slice_head(text, 0);
	buf_init(&out, storage, text.n);
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\\' || ++i < text.n)
			buf_add_char(&out, text.p[i]);
	return buf_slice(&out);
}

bool
dsn_json_read(struct dsn_scan *s)
{
	static const struct slice begin = SLICE_LIT("\"bouncedRecipients\"");
	struct slice text = slice_trim(s->report), rest;

	if (text.n == 0 || text.p[0] != '{')
		return false;
	if (text_find(text, slice_of("\\\"bouncedRecipients\\\"")) < text.n)
		text = unescape(s->arena, text);
	rest = slice_from(text, text_find(text, begin) + begin.n);
	while (rest.n > 0 && (ascii_is_space(rest.p[0]) || memchr(":[,", rest.p[0], 3) != NULL))
		rest = slice_from(rest, 1);
	while (rest.n > 0 && rest.p[0] == '{') {
		size_t end = object_end(rest);

		if (!object_read(s, slice_head(rest, end)))
			break;
		rest = slice_from(rest, end + 1);
		while (rest.n > 0 && (ascii_is_space(rest.p[0]) || rest.p[0] == ','))
			rest = slice_from(rest, 1);
	}
	if (s->dsn->n == 0)
		return false;
	s->nmentions = 0; /* the object is no text for people */
	s->report = slice_head(s->report, 0);
	return true;
}
