/*
 * transfer_check.c - does what an encoder made say the same as before? See transfer.h.
 */
#include "mail/transfer_parts.h"

/* How much of the original is decoded at a time, to be compared. */
#define CHECK_BYTES 512

/* Reads what was made, and beside it the original, a piece at a time. */
struct check {
	struct transfer_decoder made;
	struct transfer_decoder original;
	struct slice left;                                 /* of the original */
	char bytes[CHECK_BYTES + 2 * TRANSFER_HELD_BYTES]; /* decoded of it, not yet compared */
	size_t n;
	size_t column;
	bool ended;
	bool dash; /* the line begins with one */
	char last;
};

static int
original_put(void *to, struct slice bytes)
{
	struct check *c = to;

	if (bytes.n > sizeof(c->bytes) - c->n)
		return -1;
	memcpy(c->bytes + c->n, bytes.p, bytes.n);
	c->n += bytes.n;
	return 0;
}

/* More of the original; -1 when there is none. */
static int
original_more(struct check *c)
{
	struct slice piece = slice_head(c->left, CHECK_BYTES);

	if (c->ended)
		return -1;
	c->left = slice_from(c->left, piece.n);
	c->ended = c->left.n == 0;
	if (transfer_decode(&c->original, piece) != 0)
		return -1;
	return c->ended ? transfer_decode_end(&c->original) : transfer_decoder_flush(&c->original);
}

/* What was made, decoded: the same as the original? */
static int
made_put(void *to, struct slice bytes)
{
	struct check *c = to;

	while (bytes.n > 0) {
		size_t n = bytes.n < c->n ? bytes.n : c->n;

		if (n > 0 && memcmp(bytes.p, c->bytes, n) != 0)
			return -1;
		memmove(c->bytes, c->bytes + n, c->n - n);
		c->n -= n;
		bytes = slice_from(bytes, n);
		if (bytes.n > 0 && c->n == 0 && original_more(c) != 0)
			return -1;
	}
	return 0;
}

/* One byte of what was made: does the form allow it there? */
static bool
form_allows(struct check *c, char byte)
{
	bool starts = c->column == 0;

	if (c->last == '\r' || byte == '\n') {
		c->column = 0;
		return c->last == '\r' && byte == '\n';
	}
	if (byte == '\r')
		return true;
	if (starts && byte == '.')
		return false;
	if (c->column == 1 && c->dash && byte == '-')
		return false;
	if (starts)
		c->dash = byte == '-';
	c->column++;
	return c->column <= TRANSFER_LINE_MAX && (byte == '\t' || (byte >= ' ' && byte <= '~'));
}

static int
form_put(void *to, struct slice bytes)
{
	struct check *c = to;

	for (size_t i = 0; i < bytes.n; i++) {
		if (!form_allows(c, bytes.p[i]))
			return -1;
		c->last = bytes.p[i];
	}
	return transfer_decode(&c->made, bytes);
}

bool
transfer_recode_is_safe(enum transfer_encoding from, enum transfer_encoding to, struct slice in)
{
	struct transfer_decoder d;
	struct check c = {.left = in};

	transfer_decoder_init(&c.made, to, (struct sink){made_put, &c});
	transfer_decoder_init(&c.original, from, (struct sink){original_put, &c});
	if (transfer_recode_by(&d, from, to, in, (struct sink){form_put, &c}) != 0 ||
	    transfer_decode_end(&c.made) != 0)
		return false;
	/* was that all of the original? */
	while (c.n == 0 && original_more(&c) == 0)
		continue;
	return c.n == 0 && c.left.n == 0 && (d.defects & ~(unsigned)TRANSFER_RAW_8BIT) == 0 &&
	       c.made.defects == 0;
}
