/*
 * transfer_base64.c - base64 in lines (RFC 2045 section 6.8).
 */
#include "base/encode.h"
#include "mail/transfer_parts.h"

/* What one line of 76 digits holds. */
#define LINE_BYTES 57

enum { SPACE = 64, PAD = 65, JUNK = 66 };

/* Of each digit its value and one; 0: it is none. */
static const unsigned char digits[256] = {
    ['A'] = 1,
    ['B'] = 2,
    ['C'] = 3,
    ['D'] = 4,
    ['E'] = 5,
    ['F'] = 6,
    ['G'] = 7,
    ['H'] = 8,
    ['I'] = 9,
    ['J'] = 10,
    ['K'] = 11,
    ['L'] = 12,
    ['M'] = 13,
    ['N'] = 14,
    ['O'] = 15,
    ['P'] = 16,
    ['Q'] = 17,
    ['R'] = 18,
    ['S'] = 19,
    ['T'] = 20,
    ['U'] = 21,
    ['V'] = 22,
    ['W'] = 23,
    ['X'] = 24,
    ['Y'] = 25,
    ['Z'] = 26,
    ['a'] = 27,
    ['b'] = 28,
    ['c'] = 29,
    ['d'] = 30,
    ['e'] = 31,
    ['f'] = 32,
    ['g'] = 33,
    ['h'] = 34,
    ['i'] = 35,
    ['j'] = 36,
    ['k'] = 37,
    ['l'] = 38,
    ['m'] = 39,
    ['n'] = 40,
    ['o'] = 41,
    ['p'] = 42,
    ['q'] = 43,
    ['r'] = 44,
    ['s'] = 45,
    ['t'] = 46,
    ['u'] = 47,
    ['v'] = 48,
    ['w'] = 49,
    ['x'] = 50,
    ['y'] = 51,
    ['z'] = 52,
    ['0'] = 53,
    ['1'] = 54,
    ['2'] = 55,
    ['3'] = 56,
    ['4'] = 57,
    ['5'] = 58,
    ['6'] = 59,
    ['7'] = 60,
    ['8'] = 61,
    ['9'] = 62,
    ['+'] = 63,
    ['/'] = 64,
};

static unsigned
digit_value(char c)
{
	if (digits[(unsigned char)c] > 0)
		return digits[(unsigned char)c] - 1U;
	if (c == '=')
		return PAD;
	return ascii_is_space(c) ? SPACE : JUNK;
}

/* The bytes of a group of which `digits` are there. */
static int
group_end(struct transfer_decoder *d)
{
	uint32_t bits = d->bits << (6 * (4 - d->digits));
	char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
	size_t n = d->digits == 4 ? 3 : d->digits == 3 ? 2 : d->digits == 2 ? 1 : 0;

	if (d->digits == 1)
		d->defects |= TRANSFER_CUT;
	d->bits = d->digits = 0;
	return transfer_decoder_add(d, slice_make(bytes, n));
}

static int
digit_add(struct transfer_decoder *d, unsigned value)
{
	if (d->padded) {
		d->defects |= TRANSFER_AFTER_END;
		d->padded = false;
	}
	d->bits = d->bits << 6 | value;
	d->digits++;
	return d->digits == 4 ? group_end(d) : 0;
}

/* "=" ends a group of two or three digits, and another may follow the first. */
static int
padding_add(struct transfer_decoder *d)
{
	if (d->digits < 2 && !d->padded)
		d->defects |= TRANSFER_JUNK;
	if (d->digits < 2)
		return 0;
	d->padded = true;
	return group_end(d);
}

size_t
transfer_base64_groups(char *to, struct slice in, size_t groups)
{
	const unsigned char *p = (const unsigned char *)in.p;
	size_t i = 0;

	if (groups > in.n / 4)
		groups = in.n / 4;
	for (; i < groups; i++, p += 4) {
		unsigned a = digits[p[0]] - 1U, b = digits[p[1]] - 1U, c = digits[p[2]] - 1U;
		unsigned e = digits[p[3]] - 1U, bits = a << 18 | b << 12 | c << 6 | e;

		if ((a | b | c | e) >= SPACE) /* one is no digit: less than 0 */
			break;
		*to++ = (char)(bits >> 16);
		*to++ = (char)(bits >> 8);
		*to++ = (char)bits;
	}
	return i;
}

/* Whole groups, as long as there is nothing else. The place behind them. */
static size_t
groups_decode(struct transfer_decoder *d, struct slice in, size_t i)
{
	size_t room = (sizeof(d->bytes) - d->n) / 3;
	size_t groups = transfer_base64_groups(d->bytes + d->n, slice_from(in, i), room);

	d->n += 3 * groups;
	return i + 4 * groups;
}

int
transfer_base64_decode(struct transfer_decoder *d, struct slice in, bool last, size_t *used_r)
{
	*used_r = in.n;
	for (size_t i = 0; i < in.n; i++) {
		unsigned value;
		int status = 0;

		if (d->digits == 0 && !d->padded)
			i = groups_decode(d, in, i);
		if (i == in.n)
			break;
		value = digit_value(in.p[i]);
		if (value < SPACE)
			status = digit_add(d, value);
		else if (value == PAD)
			status = padding_add(d);
		else if (value == JUNK)
			d->defects |= TRANSFER_JUNK;
		if (status != 0)
			return -1;
	}
	if (!last || d->digits == 0)
		return 0;
	d->defects |= TRANSFER_CUT;
	return group_end(d);
}

void
transfer_base64_put(char *to, struct slice bytes)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t left = bytes.n - i;
		unsigned bits = (unsigned)p[i] << 16;

		bits |= left > 1 ? (unsigned)p[i + 1] << 8 : 0;
		bits |= left > 2 ? p[i + 2] : 0U;
		*to++ = letters[bits >> 18];
		*to++ = letters[bits >> 12 & 63];
		*to++ = (char)(left > 1 ? letters[bits >> 6 & 63] : '=');
		*to++ = (char)(left > 2 ? letters[bits & 63] : '=');
	}
}

static int
line_encode(struct transfer_encoder *e, struct slice bytes)
{
	size_t n = ENCODE_BASE64_BYTES(bytes.n);
	char line[TRANSFER_LINE_MAX + 2];

	transfer_base64_put(line, bytes);
	line[n] = '\r';
	line[n + 1] = '\n';
	return transfer_encoder_add(e, slice_make(line, n + 2));
}

int
transfer_base64_encode(struct transfer_encoder *e, struct slice in, bool last, size_t *used_r)
{
	size_t i = 0;

	while (in.n - i >= LINE_BYTES || (last && i < in.n)) {
		struct slice bytes = slice_head(slice_from(in, i), LINE_BYTES);

		if (line_encode(e, bytes) != 0)
			return -1;
		i += bytes.n;
	}
	*used_r = i;
	return 0;
}
