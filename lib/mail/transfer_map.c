/*
 * transfer_map.c - see transfer_map.h.
 */
#include "mail/transfer_map.h"

#include "base/encode.h"
#include "mail/transfer_parts.h"

static int
buf_put(void *to, struct slice bytes)
{
	struct buf *out = to;

	buf_add(out, bytes);
	return out->over ? -1 : 0;
}

/* So many bytes a line has at most, as a guess: of how many places there will be. */
#define LINE_GUESS 40

/* 0, or -1: no memory. */
static int
place_add(struct arena *a, struct transfer_map *map, size_t encoded, size_t decoded)
{
	size_t room = map->room == 0 ? map->encoded.n / LINE_GUESS + 2 : 2 * map->room;
	struct transfer_place *v;

	if (map->n == map->room) {
		v = arena_alloc(a, room * sizeof(*v));
		if (v == NULL)
			return -1;
		if (map->n > 0)
			memcpy(v, map->v, map->n * sizeof(*v));
		map->v = v;
		map->room = room;
	}
	map->v[map->n++] = (struct transfer_place){encoded, decoded};
	return 0;
}

/* A line of base64 between two groups: all of it, unless there is more in it than digits. */
static size_t
digits_decode(struct transfer_decoder *d, struct slice line, struct buf *out)
{
	size_t groups;

	if (d->from != TRANSFER_BASE64 || out->cap - out->n < line.n)
		return 0;
	groups = transfer_base64_groups(out->p + out->n, line, line.n / 4);
	if (line.n != 4 * groups + 2 || line.p[4 * groups] != '\r')
		return 0;
	out->n += 3 * groups;
	return line.n;
}

/* Line for line; a line of base64 that ends within a group goes on in the next one, and behind its
 * padding nothing may come. */
static int
lines_decode(struct arena *a, struct transfer_map *map, struct buf *out)
{
	struct transfer_decoder d;
	struct slice in = map->encoded;

	transfer_decoder_init(&d, map->encoding, (struct sink){buf_put, out});
	for (size_t at = 0; at < in.n;) {
		struct slice line = slice_from(in, at);

		line = slice_head(line, slice_find(line, '\n') + 1);
		at += line.n;
		if (d.digits == 0 && d.nheld == 0 && !d.padded) {
			if (place_add(a, map, at - line.n, out->n + d.n) != 0)
				return -1;
			if (d.n == 0 && digits_decode(&d, line, out) > 0)
				continue;
		}
		if (transfer_decode(&d, line) != 0)
			return -1;
	}
	if (transfer_decode_end(&d) != 0)
		return -1;
	map->defects = d.defects;
	return 0;
}

int
transfer_map_make(
    struct arena *a, enum transfer_encoding from, struct slice in, struct transfer_map *map_r)
{
	bool coded = from == TRANSFER_QP || from == TRANSFER_BASE64;
	struct buf out;
	char *storage;

	*map_r = (struct transfer_map){.encoding = from, .encoded = in, .decoded = in};
	if (coded) {
		storage = arena_alloc(a, in.n + 1);
		if (storage == NULL)
			return -1;
		buf_init(&out, storage, in.n + 1);
		if (lines_decode(a, map_r, &out) != 0)
			return -1;
		map_r->decoded = buf_slice(&out);
	}
	if (map_r->n == 0 && place_add(a, map_r, 0, 0) != 0)
		return -1;
	return place_add(a, map_r, in.n, map_r->decoded.n);
}

size_t
transfer_map_before(const struct transfer_map *map, size_t decoded)
{
	size_t low = 0, high = map->n - 1;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (map->v[middle].decoded <= decoded)
			low = middle;
		else
			high = middle;
	}
	return low;
}

size_t
transfer_map_behind(const struct transfer_map *map, size_t before, size_t decoded)
{
	size_t i = before + 1;

	while (i + 1 < map->n && map->v[i].decoded < decoded)
		i++;
	return i;
}

/* Where the encoder is to leave room for the "=" of a line that goes on, it is shown a letter that
 * follows, which is taken away again. */
void
transfer_put_qp(struct buf *out, struct slice text, bool soft)
{
	static const struct slice letter = SLICE_LIT("x");
	struct transfer_encoder e;

	transfer_encoder_init(&e, TRANSFER_QP, (struct sink){buf_put, out});
	if (transfer_encode(&e, text) != 0 || (soft && transfer_encode(&e, letter) != 0) ||
	    transfer_encode_end(&e) != 0 || !soft)
		return;
	out->n--;
	if (!slice_ends(buf_slice(out), slice_of("=\r\n")))
		buf_add_text(out, "=\r\n");
}

void
transfer_put_base64(struct buf *out, struct slice text, size_t digits)
{
	char line[TRANSFER_LINE_MAX];

	while (text.n > 0) {
		struct slice bytes = slice_head(text, digits / 4 * 3);

		transfer_base64_put(line, bytes);
		buf_add(out, slice_make(line, ENCODE_BASE64_BYTES(bytes.n)));
		text = slice_from(text, bytes.n);
		if (text.n > 0)
			buf_add_text(out, "\r\n");
	}
}

size_t
transfer_put_bytes(enum transfer_encoding to, struct slice text)
{
	if (to == TRANSFER_BASE64) /* lines of 4 digits at worst */
		return (text.n / 3 + 1) * 6;
	return transfer_qp_bytes(text);
}
