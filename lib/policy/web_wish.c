/*
 * web_wish.c - see web_wish.h.
 */
#include "policy/web_wish.h"

static const struct wanted {
	struct slice name, value;
	enum web_wish wish;
} wanted[] = {
    {SLICE_LIT("List-Unsubscribe"), SLICE_LIT("One-Click"), WEB_WISH_ONE_CLICK},
    {SLICE_LIT("unsubscribe"), SLICE_LIT("yes"), WEB_WISH_FORM},
};

#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

static unsigned
hex_value(char c)
{
	return ascii_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(ascii_lower(c) - 'a') + 10;
}

/* The first character of what is urlencoded, which it takes off. */
static char
character_take(struct slice *text)
{
	char c = text->p[0];
	size_t n = 1;

	if (c == '%' && text->n >= 3 && ascii_is_hex(text->p[1]) && ascii_is_hex(text->p[2])) {
		c = (char)(hex_value(text->p[1]) << 4 | hex_value(text->p[2]));
		n = 3;
	}
	*text = slice_from(*text, n);
	return c;
}

/* Case aside. */
static bool
decodes_to(struct slice encoded, struct slice word)
{
	for (size_t i = 0; i < word.n; i++) {
		if (encoded.n == 0 ||
		    ascii_lower(character_take(&encoded)) != ascii_lower(word.p[i]))
			return false;
	}
	return encoded.n == 0;
}

static enum web_wish
pair_read(struct slice pair)
{
	struct slice name = slice_head(pair, slice_find(pair, '='));
	struct slice value = slice_from(pair, name.n + 1);

	for (size_t i = 0; i < WANTED; i++) {
		if (decodes_to(slice_trim(name), wanted[i].name) &&
		    decodes_to(slice_trim(value), wanted[i].value))
			return wanted[i].wish;
	}
	return WEB_WISH_NONE;
}

/* "a=b&c=d", or as text/plain has it a line for each. */
static enum web_wish
pairs_read(struct slice body)
{
	enum web_wish wish = WEB_WISH_NONE;

	while (wish == WEB_WISH_NONE && body.n > 0) {
		size_t n = 0;

		while (n < body.n && body.p[n] != '&' && body.p[n] != '\n')
			n++;
		wish = pair_read(slice_head(body, n));
		body = slice_from(body, n + 1);
	}
	return wish;
}

/* The one that is named in a line of a part's header, or NULL. */
static const struct wanted *
name_read(struct slice line)
{
	static const struct slice key = SLICE_LIT("name=");

	for (size_t at = 1; at + key.n < line.n; at++) {
		struct slice name = slice_from(line, at);

		if (!slice_starts_nocase(name, key) ||
		    (line.p[at - 1] != ' ' && line.p[at - 1] != ';'))
			continue;
		name = slice_from(name, key.n);
		name = slice_trim(slice_head(name, slice_find(name, ';')));
		if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
			name = slice_make(name.p + 1, name.n - 2);
		for (size_t i = 0; i < WANTED; i++) {
			if (slice_eq_nocase(name, wanted[i].name))
				return &wanted[i];
		}
	}
	return NULL;
}

/* RFC 7578, as far as that goes: the value is one line. */
static enum web_wish
parts_read(struct slice body)
{
	const struct wanted *named = NULL;
	bool in_header = false;

	while (body.n > 0) {
		struct slice raw = slice_head(body, slice_find(body, '\n'));
		struct slice line = slice_trim(raw);

		body = slice_from(body, raw.n + 1);
		if (slice_starts(line, slice_of("--"))) {
			in_header = true;
			named = NULL;
		} else if (in_header && line.n > 0) {
			named = named != NULL ? named : name_read(line);
		} else if (in_header) {
			in_header = false;
		} else if (named != NULL && slice_eq_nocase(line, named->value)) {
			return named->wish;
		} else {
			named = NULL;
		}
	}
	return WEB_WISH_NONE;
}

enum web_wish
web_wish_read(struct slice body)
{
	body = slice_trim(body);
	return slice_starts(body, slice_of("--")) ? parts_read(body) : pairs_read(body);
}
