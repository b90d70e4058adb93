/*
 * transfer.c - see transfer.h.
 */
#include "mail/transfer_parts.h"

#include <assert.h>

static const struct {
	const char *name;
	enum transfer_encoding encoding;
} names[] = {
    {"7bit", TRANSFER_7BIT},
    {"8bit", TRANSFER_8BIT},
    {"binary", TRANSFER_BINARY},
    {"quoted-printable", TRANSFER_QP},
    {"base64", TRANSFER_BASE64},
};

/* s without white space and one comment at its beginning or end, again and again. */
static struct slice
value_trim(struct slice s)
{
	for (;;) {
		size_t open;

		s = slice_trim(s);
		open = slice_find_last(s, '(');
		if (s.n > 0 && s.p[0] == '(' && slice_find(s, ')') < s.n)
			s = slice_from(s, slice_find(s, ')') + 1);
		else if (s.n > 0 && s.p[s.n - 1] == ')' && open < s.n)
			s = slice_head(s, open);
		else
			return s;
	}
}

enum transfer_encoding
transfer_parse(struct slice value)
{
	struct slice word = value_trim(value);

	if (word.n == 0)
		return TRANSFER_7BIT;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_eq_nocase(word, slice_of(names[i].name)))
			return names[i].encoding;
	return TRANSFER_OTHER;
}

const char *
transfer_name(enum transfer_encoding encoding)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].encoding == encoding)
			return names[i].name;
	return NULL;
}

/* A coder's bytes of room `cap`, of which *n are used. */
static int
bytes_add(char *bytes, size_t cap, size_t *n, const struct sink *out, struct slice s)
{
	if (s.n > cap - *n) {
		size_t full = *n;

		*n = 0;
		if (sink_put(out, slice_make(bytes, full)) != 0)
			return -1;
		if (s.n >= cap)
			return sink_put(out, s);
	}
	if (s.n > 0)
		memcpy(bytes + *n, s.p, s.n);
	*n += s.n;
	return 0;
}

int
transfer_decoder_add(struct transfer_decoder *d, struct slice s)
{
	return bytes_add(d->bytes, sizeof(d->bytes), &d->n, &d->out, s);
}

int
transfer_encoder_add(struct transfer_encoder *e, struct slice s)
{
	return bytes_add(e->bytes, sizeof(e->bytes), &e->n, &e->out, s);
}

void
transfer_decoder_init(struct transfer_decoder *d, enum transfer_encoding from, struct sink out)
{
	d->from = from;
	d->out = out;
	d->defects = 0;
	d->bits = d->digits = 0;
	d->padded = false;
	d->n = d->nheld = 0;
}

void
transfer_encoder_init(struct transfer_encoder *e, enum transfer_encoding to, struct sink out)
{
	e->to = to;
	e->out = out;
	e->column = e->n = e->nheld = 0;
}

static int
decode_some(void *coder, struct slice in, bool last, size_t *used_r)
{
	struct transfer_decoder *d = coder;

	if (d->from == TRANSFER_QP)
		return transfer_qp_decode(d, in, last, used_r);
	if (d->from == TRANSFER_BASE64)
		return transfer_base64_decode(d, in, last, used_r);
	*used_r = in.n;
	return transfer_decoder_add(d, in);
}

static int
encode_some(void *coder, struct slice in, bool last, size_t *used_r)
{
	struct transfer_encoder *e = coder;

	if (e->to == TRANSFER_QP)
		return transfer_qp_encode(e, in, last, used_r);
	if (e->to == TRANSFER_BASE64)
		return transfer_base64_encode(e, in, last, used_r);
	*used_r = in.n;
	return transfer_encoder_add(e, in);
}

/* Feeds one of the two above: first what was held back, with what follows it, then the rest. */
static int
coder_feed(void *coder, int (*some)(void *, struct slice, bool, size_t *), char *held,
    size_t *nheld, struct slice in)
{
	size_t used;

	while (in.n > 0 && *nheld > 0) {
		struct slice more = slice_head(in, TRANSFER_HELD_BYTES - *nheld);
		size_t before = *nheld, left;

		memcpy(held + before, more.p, more.n);
		if (some(coder, slice_make(held, before + more.n), false, &used) != 0)
			return -1;
		left = before + more.n - used;
		assert(left < TRANSFER_HELD_BYTES);
		if (left <= more.n) { /* all that was held is done */
			*nheld = 0;
			in = slice_from(in, more.n - left);
			break;
		}
		memmove(held, held + used, left);
		*nheld = left;
		in = slice_from(in, more.n);
	}
	if (in.n == 0)
		return 0;
	if (some(coder, in, false, &used) != 0)
		return -1;
	in = slice_from(in, used);
	assert(in.n < TRANSFER_HELD_BYTES);
	if (in.n > 0)
		memcpy(held, in.p, in.n);
	*nheld = in.n;
	return 0;
}

int
transfer_decoder_flush(struct transfer_decoder *d)
{
	size_t n = d->n;

	d->n = 0;
	return sink_put(&d->out, slice_make(d->bytes, n));
}

int
transfer_decode(struct transfer_decoder *d, struct slice in)
{
	return coder_feed(d, decode_some, d->held, &d->nheld, in);
}

int
transfer_decode_end(struct transfer_decoder *d)
{
	size_t used;

	if (decode_some(d, slice_make(d->held, d->nheld), true, &used) != 0)
		return -1;
	d->nheld = 0;
	return transfer_decoder_flush(d);
}

int
transfer_encode(struct transfer_encoder *e, struct slice in)
{
	return coder_feed(e, encode_some, e->held, &e->nheld, in);
}

int
transfer_encode_end(struct transfer_encoder *e)
{
	size_t used, n;

	if (encode_some(e, slice_make(e->held, e->nheld), true, &used) != 0)
		return -1;
	n = e->n;
	e->n = e->nheld = 0;
	return sink_put(&e->out, slice_make(e->bytes, n));
}

static int
encoder_put(void *to, struct slice bytes)
{
	return transfer_encode(to, bytes);
}

int
transfer_recode_by(struct transfer_decoder *d, enum transfer_encoding from,
    enum transfer_encoding to, struct slice in, struct sink out)
{
	struct transfer_encoder e;
	int status = 0;

	transfer_encoder_init(&e, to, out);
	transfer_decoder_init(d, from, (struct sink){encoder_put, &e});
	if (transfer_decode(d, in) != 0 || transfer_decode_end(d) != 0 ||
	    transfer_encode_end(&e) != 0)
		status = -1;
	d->out = out; /* the encoder ends here */
	return status;
}

int
transfer_recode(
    enum transfer_encoding from, enum transfer_encoding to, struct slice in, struct sink out)
{
	struct transfer_decoder d;

	return transfer_recode_by(&d, from, to, in, out);
}
