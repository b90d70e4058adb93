/*
 * dsn_part.c - see dsn_part.h.
 */
#include "policy/dsn_part.h"

#include "policy/envelope_id.h"

/* Bytes that a decoder puts, up to a bound. */
static int
buf_put(void *to, struct slice bytes)
{
	struct buf *out = to;

	buf_add(out, bytes);
	return out->over ? -1 : 0;
}

static struct slice
body_of(const struct message *message, const struct mime_part *part)
{
	return slice_head(slice_from(message->body, part->body.offset), part->body.n);
}

static bool
is_encoded(const struct mime_part *part)
{
	return part->encoding == TRANSFER_QP || part->encoding == TRANSFER_BASE64;
}

static struct slice
body_decode(const struct mime_part *part, struct slice body, struct buf *out)
{
	struct transfer_decoder decoder;

	transfer_decoder_init(&decoder, part->encoding, (struct sink){buf_put, out});
	if (transfer_decode(&decoder, body) == 0)
		(void)transfer_decode_end(&decoder);
	return buf_slice(out);
}

struct slice
dsn_part_text(
    struct arena *a, const struct message *message, const struct mime_part *part, size_t max)
{
	struct slice body = slice_head(body_of(message, part), max);
	struct buf out;
	char *storage;

	if (!is_encoded(part))
		return body;
	storage = arena_alloc(a, body.n + 1);
	if (storage == NULL)
		return slice_head(body, 0);
	buf_init(&out, storage, body.n + 1); /* there is no buffer of nothing */
	return body_decode(part, body, &out);
}

struct slice
dsn_part_beginning(const struct message *message, const struct mime_part *part, struct buf *out)
{
	struct slice body = slice_head(body_of(message, part), out->cap);

	return is_encoded(part) ? body_decode(part, body, out) : body;
}

bool
dsn_part_copy(struct arena *a, const struct message *message, const struct mime *mime,
    const struct mime_part *part, struct dsn_copy *copy)
{
	bool within = part->depth > 0 && mime->v[part->parent].kind == MIME_MESSAGE;
	bool headers = mime_is(part, "text", "rfc822-headers") ||
		       mime_is(part, "text", "rfc822-header") || mime_is(part, "text", "rfc822") ||
		       mime_is(part, "message", "rfc822-headers") ||
		       mime_is(part, "message", "global-headers");

	if (!within && !headers)
		return false;
	copy->found = true;
	if (copy->text.n > 0)
		return true;
	if (within)
		copy->text = slice_head(slice_from(message->body, part->header.offset),
		    part->header.n < DSN_COPY_MAX_BYTES ? part->header.n : DSN_COPY_MAX_BYTES);
	else
		copy->text = dsn_part_text(a, message, part, DSN_COPY_MAX_BYTES);
	return true;
}

int
dsn_copy_parse(struct arena *a, const struct dsn_copy *copy, struct message *header_r)
{
	struct slice text = copy->text;

	while (text.n > 0 &&
	       (ascii_is_space(text.p[0]) || memchr("-=", text.p[0], 2) != NULL ||
		   slice_starts(text, slice_of("From ")) || slice_starts(text, slice_of(">From "))))
		text = slice_from(text, slice_find(text, '\n') + 1);
	return text.n == 0 ? -1 : message_parse(a, text, header_r);
}

struct slice
dsn_line_next(struct slice *rest)
{
	struct slice line = slice_head(*rest, slice_find(*rest, '\n'));

	*rest = slice_from(*rest, line.n + 1);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

bool
dsn_part_field_next(struct slice *rest, struct slice *name_r, struct slice *value_r)
{
	struct slice whole = *rest;
	struct slice line = dsn_line_next(rest);
	size_t colon = slice_find(line, ':');
	size_t n = whole.n - rest->n;

	if (slice_trim(line).n == 0)
		return false;
	*name_r = slice_trim(slice_head(line, colon < line.n ? colon : 0));
	while (rest->n > 0) {
		struct slice after = *rest, next = dsn_line_next(&after);
		struct slice word = slice_head(next, slice_find(next, ':'));
		bool goes_on = next.n > 0 && (next.p[0] == ' ' || next.p[0] == '\t');

		if (slice_trim(next).n == 0 ||
		    (!goes_on && word.n < next.n && slice_find(word, ' ') == word.n))
			break;
		n += rest->n - after.n;
		*rest = after;
	}
	*value_r = slice_trim(slice_from(slice_head(whole, n), colon + 1));
	return true;
}

struct slice
dsn_field(const struct message *message, const char *name)
{
	for (size_t i = 0; i < message->n; i++)
		if (slice_eq_nocase(message->v[i].name, slice_of(name)))
			return slice_trim(message->v[i].value);
	return (struct slice){NULL, 0};
}

struct slice
dsn_id_header(const struct message *header)
{
	for (size_t i = 0; i < header->n; i++) {
		struct slice value = slice_trim(header->v[i].value);

		if (slice_starts_nocase(header->v[i].name, slice_of("X-")) &&
		    envelope_id_is_like(value) && ascii_lower(value.p[0]) == ENVELOPE_ID)
			return value;
	}
	return dsn_field(header, "X-Gatepost-ID");
}

struct slice
dsn_unbracket(struct slice value)
{
	value = slice_trim(value);
	if (value.n > 1 && value.p[0] == '<' && value.p[value.n - 1] == '>')
		value = slice_head(slice_from(value, 1), value.n - 2);
	return value;
}
