/*
 * encode.c - see encode.h.
 */
#include "base/encode.h"

struct encoding {
	const char *alphabet;
	unsigned bits;        /* a letter stands for */
	int (*digit)(char c); /* a letter's value, or -1 */
};

static int
hex_digit(char c)
{
	c = ascii_lower(c);
	if (ascii_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
base32_digit(char c)
{
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static int
alphanumeric_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	return ascii_is_digit(c) ? c - '0' + 52 : -1;
}

static int
base64_digit(char c)
{
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	return alphanumeric_digit(c);
}

static int
base64url_digit(char c)
{
	if (c == '-' || c == '_')
		return c == '-' ? 62 : 63;
	return alphanumeric_digit(c);
}

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const struct encoding hex = {"0123456789abcdef", 4, hex_digit};
static const struct encoding base32 = {"abcdefghijklmnopqrstuvwxyz234567", 5, base32_digit};
static const struct encoding base64 = {ALPHANUMERIC "+/", 6, base64_digit};
static const struct encoding base64url = {ALPHANUMERIC "-_", 6, base64url_digit};

static void
encode(struct buf *out, const struct encoding *e, struct slice s)
{
	unsigned mask = (1u << e->bits) - 1, held = 0, n = 0;

	for (size_t i = 0; i < s.n; i++) {
		held = (held << 8 | (unsigned char)s.p[i]) & 0xffffu;
		for (n += 8; n >= e->bits; n -= e->bits)
			buf_add_char(out, e->alphabet[held >> (n - e->bits) & mask]);
	}
	if (n > 0)
		buf_add_char(out, e->alphabet[held << (e->bits - n) & mask]);
}

/* Back to `before`, but for the word that there was no room. */
static int
give_up(struct buf *out, const struct buf *before, bool over)
{
	*out = *before;
	out->over |= over;
	return -1;
}

static int
decode(struct buf *out, const struct encoding *e, struct slice text)
{
	const struct buf before = *out;
	unsigned held = 0, n = 0;

	out->over = false;
	for (size_t i = 0; i < text.n; i++) {
		int digit = e->digit(text.p[i]);

		if (digit < 0)
			return give_up(out, &before, false);
		held = (held << e->bits | (unsigned)digit) & 0xffffu;
		n += e->bits;
		if (n < 8)
			continue;
		n -= 8;
		buf_add_char(out, (char)(held >> n & 0xffu));
	}
	/* a letter that adds no bit to a byte is too many, and those that are over must be 0 */
	if (n >= e->bits || (held & ((1u << n) - 1)) != 0)
		return give_up(out, &before, false);
	if (out->over)
		return give_up(out, &before, true);
	out->over = before.over;
	return 0;
}

void
encode_hex(struct buf *out, struct slice s)
{
	encode(out, &hex, s);
}

int
decode_hex(struct buf *out, struct slice text)
{
	return decode(out, &hex, text);
}

void
encode_base32(struct buf *out, struct slice s)
{
	encode(out, &base32, s);
}

int
decode_base32(struct buf *out, struct slice text)
{
	return decode(out, &base32, text);
}

/* Three bytes at a time are four letters. */
static void
triples_encode(struct buf *out, struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i + 3 <= s.n; i += 3) {
		unsigned bits = (unsigned)p[i] << 16 | (unsigned)p[i + 1] << 8 | p[i + 2];
		char letters[4];

		for (size_t k = 0; k < 4; k++)
			letters[k] = base64.alphabet[bits >> (18 - 6 * k) & 63];
		buf_add(out, slice_make(letters, sizeof(letters)));
	}
}

void
encode_base64(struct buf *out, struct slice s)
{
	triples_encode(out, s);
	encode(out, &base64, slice_from(s, s.n / 3 * 3));
	for (size_t n = s.n; n % 3 != 0; n++)
		buf_add_char(out, '=');
}

int
decode_base64(struct buf *out, struct slice text)
{
	size_t padding = 0;

	if (text.n % 4 != 0)
		return -1;
	for (; padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '='; padding++)
		continue;
	return decode(out, &base64, slice_head(text, text.n - padding));
}

void
encode_base64url(struct buf *out, struct slice s)
{
	encode(out, &base64url, s);
}

int
decode_base64url(struct buf *out, struct slice text)
{
	return decode(out, &base64url, text);
}
