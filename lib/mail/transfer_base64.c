/*
 * transfer_base64.c - base64 in lines (RFC 2045 section 6.8).
 */
#include "base/encode.h"
#include "mail/transfer_parts.h"

/* What one line of 76 digits holds. */
#define LINE_BYTES 57

enum { SPACE = 64, PAD = 65, JUNK = 66 };

static unsigned
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (ascii_is_digit(c))
		return (unsigned)(c - '0') + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
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

int
transfer_base64_decode(struct transfer_decoder *d, struct slice in, bool last, size_t *used_r)
{
	*used_r = in.n;
	for (size_t i = 0; i < in.n; i++) {
		unsigned value = digit_value(in.p[i]);
		int status = 0;

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

static int
line_encode(struct transfer_encoder *e, struct slice bytes)
{
	char text[TRANSFER_LINE_MAX + 2];
	struct buf line = BUF_OVER(text);

	encode_base64(&line, bytes);
	buf_add_text(&line, "\r\n");
	return transfer_encoder_add(e, buf_slice(&line));
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
