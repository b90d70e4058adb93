/*
 * word.c - see word.h.
 */
#include "mail/word.h"

/* Base64 bytes that go between "=?UTF-8?B?" and "?=" on a line of 76, and the text they hold. */
#define HEAD       "=?UTF-8?B?"
#define HEAD_BYTES (sizeof(HEAD) - 1)
#define LINE_BYTES 76

struct parts {
	struct slice charset;
	char encoding; /* 'b' or 'q' */
	struct slice text;
	size_t n; /* of the whole */
};

static bool
is_visible(char c)
{
	return c > ' ' && c <= '~';
}

/* The part of *s before the next '?', and cuts both off; false when there is none, or a byte that
 * may not be in an encoded word. */
static bool
part_next(struct slice *s, struct slice *part_r)
{
	size_t n = 0;

	while (n < s->n && s->p[n] != '?') {
		if (!is_visible(s->p[n]))
			return false;
		n++;
	}
	if (n == s->n)
		return false;
	*part_r = slice_head(*s, n);
	*s = slice_from(*s, n + 1);
	return true;
}

static bool
parts_read(struct slice s, struct parts *parts_r)
{
	struct slice rest = slice_from(slice_head(s, WORD_READ_MAX_BYTES), 2);
	struct slice encoding;

	if (s.n < 2 || s.p[0] != '=' || s.p[1] != '?')
		return false;
	if (!part_next(&rest, &parts_r->charset) || !part_next(&rest, &encoding) ||
	    !part_next(&rest, &parts_r->text))
		return false;
	if (encoding.n != 1 || parts_r->charset.n == 0 || rest.n == 0 || rest.p[0] != '=')
		return false;
	parts_r->encoding = ascii_lower(encoding.p[0]);
	parts_r->n = (size_t)(rest.p + 1 - s.p);
	return parts_r->encoding == 'b' || parts_r->encoding == 'q';
}

size_t
word_bytes(struct slice s)
{
	struct parts parts;

	return parts_read(s, &parts) ? parts.n : 0;
}

static int
hex_value(char c)
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void
add_byte(struct buf *out, const struct parts *parts, unsigned byte)
{
	static const struct slice latin1 = SLICE_LIT("iso-8859-1");

	if (byte >= 0x80 && slice_eq_nocase(parts->charset, latin1)) {
		buf_add_char(out, (char)(0xc0 | byte >> 6));
		byte = 0x80 | (byte & 0x3f);
	}
	buf_add_char(out, (char)byte);
}

static void
decode_q(struct buf *out, const struct parts *parts)
{
	struct slice s = parts->text;

	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;

		if (s.p[i] == '=' && high >= 0 && low >= 0) {
			add_byte(out, parts, (unsigned)(high * 16 + low));
			i += 2;
		} else {
			add_byte(out, parts, s.p[i] == '_' ? ' ' : (unsigned char)s.p[i]);
		}
	}
}

static void
decode_b(struct buf *out, const struct parts *parts)
{
	unsigned bits = 0, n = 0;

	for (size_t i = 0; i < parts->text.n; i++) {
		int value = base64_value(parts->text.p[i]);

		if (value < 0)
			continue;
		bits = (bits << 6 | (unsigned)value) & 0xffffff;
		n += 6;
		if (n >= 8) {
			n -= 8;
			add_byte(out, parts, bits >> n & 0xff);
		}
	}
}

/* The bytes of blanks and folds at the start of s. */
static size_t
blank_bytes(struct slice s)
{
	size_t n = 0;

	while (n < s.n && ascii_is_space(s.p[n]))
		n++;
	return n;
}

void
word_decode(struct buf *out, struct slice value)
{
	bool after_word = false;

	while (value.n > 0 && !out->over) {
		size_t blanks = blank_bytes(value);
		struct slice next = slice_from(value, blanks);
		struct parts parts;
		bool word = (blanks > 0 || after_word || out->n == 0) && parts_read(next, &parts);

		/* blanks between two encoded words are not shown (RFC 2047 section 6.2) */
		if (blanks > 0 && !(word && after_word) && next.n > 0)
			buf_add_char(out, ' ');
		if (word && parts.encoding == 'q')
			decode_q(out, &parts);
		else if (word)
			decode_b(out, &parts);
		else
			buf_add(out, slice_head(next, next.n > 0));
		value = slice_from(next, word ? parts.n : 1);
		after_word = word;
	}
}

static void
add_base64(struct buf *out, struct slice s)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < s.n; i += 3) {
		unsigned bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (i + j < s.n ? (unsigned char)s.p[i + j] : 0u);
		buf_add_char(out, digits[bits >> 18 & 63]);
		buf_add_char(out, digits[bits >> 12 & 63]);
		buf_add_char(out, (char)(i + 1 < s.n ? digits[bits >> 6 & 63] : '='));
		buf_add_char(out, (char)(i + 2 < s.n ? digits[bits & 63] : '='));
	}
}

/* At most max bytes of the front of s, whole characters (or max bytes, should there be no end of
 * one). */
static struct slice
whole_head(struct slice s, size_t max)
{
	size_t n = max < s.n ? max : s.n;

	while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return slice_head(s, n > 0 ? n : max);
}

void
word_encode(struct buf *out, struct slice text, size_t column)
{
	size_t fixed = HEAD_BYTES + 2;
	bool first = true;

	for (; text.n > 0; first = false) {
		size_t line = column < LINE_BYTES ? LINE_BYTES - column : 0;
		size_t word = line < WORD_MAX_BYTES ? line : WORD_MAX_BYTES;
		size_t room = word > fixed + 4 ? word - fixed : 4;
		struct slice part = whole_head(text, room / 4 * 3);

		buf_add_text(out, first ? HEAD : "\n " HEAD);
		add_base64(out, part);
		buf_add_text(out, "?=");
		text = slice_from(text, part.n);
		column = 1;
	}
}
