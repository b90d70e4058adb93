/*
 * transfer_qp.c - quoted-printable (RFC 2045 section 6.7).
 */
#include "mail/transfer_parts.h"

/* The most that the encoder looks at behind a byte: "From " at the beginning of a line. */
#define AHEAD 5

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Bytes of the line end at s[i], or 0. */
static size_t
line_end_bytes(struct slice s, size_t i)
{
	if (i < s.n && s.p[i] == '\n')
		return 1;
	return i + 1 < s.n && s.p[i] == '\r' && s.p[i + 1] == '\n' ? 2 : 0;
}

/* Is it known what s[i…] is, or may a line end be cut in two there? */
static bool
is_cut(struct slice s, size_t i)
{
	return i >= s.n || (i + 1 == s.n && s.p[i] == '\r');
}

static size_t
blanks_end(struct slice s, size_t i)
{
	while (i < s.n && is_blank(s.p[i]))
		i++;
	return i;
}

static unsigned
hex_value(char c)
{
	return (unsigned)(ascii_is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

/* What a "=" or a blank at s[i] comes to. */
struct piece {
	size_t bytes;      /* of the input; 0: that depends on what follows */
	struct slice text; /* what it says */
	char byte;         /* what text may point at */
};

static void
piece_blanks(struct transfer_decoder *d, struct slice s, size_t i, bool last, struct piece *p)
{
	size_t end = blanks_end(s, i);
	bool cut = is_cut(s, end);

	*p = (struct piece){.bytes = end - i, .text = slice_make(s.p + i, end - i)};
	if (cut && !last && s.n - i + 1 < TRANSFER_HELD_BYTES) {
		p->bytes = 0;
		return;
	}
	if (end < s.n && line_end_bytes(s, end) == 0 && !(cut && !last))
		return;
	d->defects |= TRANSFER_TRAILING_BLANKS;
	if (end == s.n ? last : line_end_bytes(s, end) > 0)
		p->text.n = 0;
}

static void
piece_escape(struct transfer_decoder *d, struct slice s, size_t i, bool last, struct piece *p)
{
	size_t end = blanks_end(s, i + 1);
	bool room = s.n - i + 1 >= TRANSFER_HELD_BYTES;

	*p = (struct piece){.bytes = 0};
	if (i + 2 < s.n && ascii_is_hex(s.p[i + 1]) && ascii_is_hex(s.p[i + 2])) {
		p->byte = (char)(hex_value(s.p[i + 1]) << 4 | hex_value(s.p[i + 2]));
		p->text = slice_make(&p->byte, 1);
		p->bytes = 3;
		return;
	}
	if (line_end_bytes(s, end) > 0 || (end == s.n && last)) {
		p->bytes = end + line_end_bytes(s, end) - i;
		return;
	}
	if (!last && !room && (is_cut(s, end) || i + 2 >= s.n))
		return;
	d->defects |= TRANSFER_BAD_ESCAPE;
	p->text = slice_make(s.p + i, 1);
	p->bytes = 1;
}

static bool
has_high(struct slice s)
{
	uint64_t seen = 0;
	size_t i = 0;

	for (; i + sizeof(seen) <= s.n; i += sizeof(seen)) {
		uint64_t word;

		memcpy(&word, s.p + i, sizeof(word));
		seen |= word;
	}
	for (; i < s.n; i++)
		seen |= (uint64_t)(unsigned char)s.p[i];
	return (seen & UINT64_C(0x8080808080808080)) != 0;
}

/* Where the line's blanks at its end begin, or what is behind it; `line` from a place within it to its
 * LF. */
static size_t
line_text_end(struct slice line)
{
	size_t end = line.n - 1;

	if (end > 0 && line.p[end - 1] == '\r')
		end--;
	if (end == 0 || !is_blank(line.p[end - 1]))
		return line.n;
	while (end > 0 && is_blank(line.p[end - 1]))
		end--;
	return end;
}

/* The same for the beginning of a line of which the rest is not there. */
static size_t
cut_text_end(struct slice s)
{
	size_t i = 0;

	/* a blank between words is as good as a letter */
	while (i < s.n && s.p[i] != '=' &&
	       !(is_blank(s.p[i]) && (i + 1 >= s.n || (unsigned char)s.p[i + 1] <= ' ')))
		i++;
	return i;
}

/* The end of the bytes from i on that say themselves. */
static size_t
plain_end(struct transfer_decoder *d, struct slice s, size_t i)
{
	size_t from = i;

	while (i < s.n) {
		struct slice line = slice_from(s, i);
		size_t n = slice_find(line, '\n'), sign = slice_find(slice_head(line, n), '='), end;

		if (sign < n)
			end = sign;
		else if (n == line.n)
			end = cut_text_end(line);
		else
			end = line_text_end(slice_head(line, n + 1));
		i += end;
		if (end != n + 1)
			break;
	}
	if (has_high(slice_make(s.p + from, i - from)))
		d->defects |= TRANSFER_RAW_8BIT;
	return i;
}

/* Bytes in hex, one behind the other; the place behind them. */
static size_t
escapes_decode(struct transfer_decoder *d, struct slice s, size_t i)
{
	while (i + 2 < s.n && s.p[i] == '=' && d->n < sizeof(d->bytes) &&
	       ascii_is_hex(s.p[i + 1]) && ascii_is_hex(s.p[i + 2])) {
		d->bytes[d->n++] = (char)(hex_value(s.p[i + 1]) << 4 | hex_value(s.p[i + 2]));
		i += 3;
	}
	return i;
}

int
transfer_qp_decode(struct transfer_decoder *d, struct slice in, bool last, size_t *used_r)
{
	struct piece piece;
	size_t i = 0;

	for (;;) {
		size_t end = plain_end(d, in, i);

		if (transfer_decoder_add(d, slice_make(in.p + i, end - i)) != 0)
			return -1;
		*used_r = i = escapes_decode(d, in, end);
		if (i == in.n)
			return 0;
		if (i > end)
			continue;
		if (in.p[i] == '=')
			piece_escape(d, in, i, last, &piece);
		else
			piece_blanks(d, in, i, last, &piece);
		if (piece.bytes == 0)
			return 0;
		if (transfer_decoder_add(d, piece.text) != 0)
			return -1;
		*used_r = i += piece.bytes;
	}
}

/* Must s[i] be written in hex? `starts`: it would begin a line. */
static bool
needs_hex(struct slice s, size_t i, bool starts)
{
	char c = s.p[i];

	if (is_blank(c))
		return i + 1 >= s.n || line_end_bytes(s, i + 1) == 2;
	if (c <= ' ' || c > '~' || c == '=')
		return true;
	if (!starts)
		return false;
	return c == '.' || (c == '-' && i + 1 < s.n && s.p[i + 1] == '-') ||
	       slice_starts(slice_from(s, i), slice_of("From "));
}

/* The same as transfer_encoder_add(), for few bytes, and as a rule for nothing but to copy them. */
static inline int
few_add(struct transfer_encoder *e, const char *bytes, size_t n)
{
	if (n > sizeof(e->bytes) - e->n)
		return transfer_encoder_add(e, slice_make(bytes, n));
	memcpy(e->bytes + e->n, bytes, n);
	e->n += n;
	return 0;
}

/* Writes s[i], with a soft break before it when the line has no room for it. */
static int
byte_encode(struct transfer_encoder *e, struct slice s, size_t i)
{
	static const char digits[] = "0123456789ABCDEF";
	bool ends = i + 1 >= s.n || line_end_bytes(s, i + 1) == 2;
	size_t room = ends ? TRANSFER_LINE_MAX : TRANSFER_LINE_MAX - 1;
	bool hex = needs_hex(s, i, e->column == 0);
	char text[3] = {'=', digits[(unsigned char)s.p[i] >> 4], digits[s.p[i] & 15]};

	if (e->column + (hex ? 3 : 1) > room) {
		if (few_add(e, "=\r\n", 3) != 0)
			return -1;
		e->column = 0;
		hex = needs_hex(s, i, true);
	}
	e->column += hex ? 3 : 1;
	return hex ? few_add(e, text, 3) : few_add(e, s.p + i, 1);
}

/* Eight bytes at a time: the highest bit of each is set if it is written in hex wherever it stands, and
 * if it is an LF. Sums stay within their byte, since they begin below 0x80. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH       EACH(0x80)

static uint64_t
hex_bits(uint64_t word)
{
	uint64_t low = word & ~HIGH;

	return (word | ~(low + EACH(0x80 - ' ')) | (low + EACH(0x80 - 0x7f)) |
		   ~((low ^ EACH('=')) + EACH(0x7f))) &
	       HIGH;
}

static uint64_t
lf_bits(uint64_t word)
{
	return ~(((word & ~HIGH) ^ EACH('\n')) + EACH(0x7f)) & ~word & HIGH;
}

static size_t
bits_count(uint64_t bits)
{
	return (size_t)((bits >> 7) * EACH(1) >> 56);
}

static bool
is_hex_always(char c)
{
	return c < ' ' || c > '~' || c == '=';
}

size_t
transfer_qp_bytes(struct slice text)
{
	size_t n = text.n, lines = 2, i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= text.n; i += sizeof(word)) {
		memcpy(&word, text.p + i, sizeof(word));
		n += 2 * bits_count(hex_bits(word));
		lines += bits_count(lf_bits(word));
	}
	for (; i < text.n; i++) {
		n += is_hex_always(text.p[i]) ? 2 : 0;
		lines += text.p[i] == '\n';
	}
	lines += n / (TRANSFER_LINE_MAX - 5);
	return n + lines * 6; /* soft break, or line end; a first byte and a last one in hex */
}

/* How many bytes from s[i] on can be written as they are, without a look at the line's ends. */
static size_t
run_bytes(const struct transfer_encoder *e, struct slice s, size_t i)
{
	size_t room = TRANSFER_LINE_MAX - 1 - e->column, n = 0;
	uint64_t word;

	if (e->column == 0 || e->column >= TRANSFER_LINE_MAX - 1)
		return 0;
	if (room > s.n - i - 1)
		room = s.n - i - 1;
	for (; n + sizeof(word) <= room; n += sizeof(word)) {
		memcpy(&word, s.p + i + n, sizeof(word));
		if (hex_bits(word) != 0)
			break;
	}
	while (n < room && !is_hex_always(s.p[i + n]))
		n++;
	/* whether a blank is the last of its line is seen by who looks at it alone */
	return n - (n > 0 && s.p[i + n - 1] == ' ');
}

int
transfer_qp_encode(struct transfer_encoder *e, struct slice in, bool last, size_t *used_r)
{
	size_t i = 0;

	while (i < in.n && (last || in.n - i > AHEAD)) {
		size_t run = run_bytes(e, in, i);

		if (transfer_encoder_add(e, slice_make(in.p + i, run)) != 0)
			return -1;
		e->column += run;
		i += run;
		if (run > 0)
			continue;
		if (in.p[i] == '\r' && line_end_bytes(in, i) == 2) {
			if (few_add(e, "\r\n", 2) != 0)
				return -1;
			e->column = 0;
			i += 2;
			continue;
		}
		if (byte_encode(e, in, i) != 0)
			return -1;
		i++;
	}
	*used_r = i;
	return 0;
}
