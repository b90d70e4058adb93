/*
 * html_reference.c - see html_reference.h.
 */
#include "mail/html_reference.h"

#include "mail/html_entity_table.h"
#include "mail/html_parts.h"

#define LAST_CODE     0x10ffffU
#define REPLACED_FROM 0x80U
#define REPLACEMENT   0xfffdU

/* What 0x80 to 0x9f stand for: windows-1252, of which five are left as they are. */
static const uint16_t replacements[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, /* 80 */
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f, /* 88 */
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, /* 90 */
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178, /* 98 */
};

static void
utf8_add(struct buf *out, uint32_t code)
{
	if (code < 0x80) {
		buf_add_char(out, (char)code);
		return;
	}
	if (code < 0x800) {
		buf_add_char(out, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			buf_add_char(out, (char)(0xe0 | code >> 12));
		} else {
			buf_add_char(out, (char)(0xf0 | code >> 18));
			buf_add_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		buf_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	buf_add_char(out, (char)(0x80 | (code & 0x3f)));
}

static uint32_t
code_checked(uint32_t code)
{
	if (code == 0 || code > LAST_CODE || (code >= 0xd800 && code <= 0xdfff))
		return REPLACEMENT;
	if (code >= REPLACED_FROM && code < REPLACED_FROM + 32)
		return replacements[code - REPLACED_FROM];
	return code;
}

static bool
is_digit_of(char c, unsigned base)
{
	return base == 16 ? ascii_is_hex(c) : ascii_is_digit(c);
}

/* "&#" at i: the place behind the reference, or i when it is none. */
static size_t
number_read(struct buf *out, struct slice raw, size_t i)
{
	bool hex = i + 2 < raw.n && ascii_lower(raw.p[i + 2]) == 'x';
	unsigned base = hex ? 16 : 10;
	size_t from = i + (hex ? 3 : 2), end = from;
	uint32_t code = 0;

	for (; end < raw.n && is_digit_of(raw.p[end], base); end++) {
		char c = raw.p[end];

		if (code <= LAST_CODE)
			code = code * base +
			       (uint32_t)(ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
	}
	if (end == from)
		return i;
	utf8_add(out, code_checked(code));
	return end < raw.n && raw.p[end] == ';' ? end + 1 : end;
}

/* The first of the names in [low, high), which agree in their first `at` bytes, whose next byte is
 * not below c. */
static size_t
bound_find(size_t low, size_t high, size_t at, unsigned c)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((unsigned char)html_entities[middle].name[at] < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The longest name that `text` begins with, or NULL; *n_r: its length. */
static const struct html_entity *
entity_find(struct slice text, size_t *n_r)
{
	const struct html_entity *found = NULL;
	size_t low = 0, high = html_entities_n;

	for (size_t n = 0; n < text.n && n < HTML_NAME_MAX; n++) {
		unsigned c = (unsigned char)text.p[n];

		/* names have letters, digits, and ";" */
		if (c != ';' && !html_has_class(text.p[n], HTML_ALNUM))
			break;
		low = bound_find(low, high, n, c);
		high = bound_find(low, high, n, c + 1);
		if (low == high)
			break;
		/* the shortest of those that begin alike is the first */
		if (html_entities[low].name[n + 1] == '\0') {
			found = &html_entities[low];
			*n_r = n + 1;
		}
	}
	return found;
}

/* "&" and a letter or digit at i: as number_read(). */
static size_t
name_read(struct buf *out, struct slice raw, size_t i, enum html_place place)
{
	size_t n = 0, end;
	const struct html_entity *entity = entity_find(slice_from(raw, i + 1), &n);

	if (entity == NULL)
		return i;
	end = i + 1 + n;
	if (place == HTML_IN_VALUE && raw.p[end - 1] != ';' && end < raw.n &&
	    (raw.p[end] == '=' || html_has_class(raw.p[end], HTML_ALNUM)))
		return i;
	buf_add_text(out, entity->text);
	return end;
}

void
html_decode(struct buf *out, struct slice raw, enum html_place place)
{
	size_t i = 0, end;

	for (; i < raw.n; i = end) {
		end = html_find(raw, i, '&');
		buf_add(out, slice_make(raw.p + i, end - i));
		i = end;
		if (i >= raw.n)
			return;
		end = i + 1 < raw.n && raw.p[i + 1] == '#' ? number_read(out, raw, i)
							   : name_read(out, raw, i, place);
		if (end == i)
			buf_add_char(out, raw.p[end++]);
	}
}

void
html_escape(struct buf *out, struct slice value, char quote)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '&')
			buf_add_text(out, "&amp;");
		else if (c == quote)
			buf_add_text(out, quote == '"' ? "&quot;" : "&#39;");
		else if (c == '<')
			buf_add_text(out, "&lt;");
		else if (c == '>')
			buf_add_text(out, "&gt;");
		else
			buf_add_char(out, c);
	}
}
