/*
 * transfer_map.h - a part's content decoded as a whole, with a map of which line of it says what: so
 * that only the lines around a change need to be encoded anew.
 */
#ifndef MAIL_TRANSFER_MAP_H
#define MAIL_TRANSFER_MAP_H

#include "base/arena.h"
#include "base/buf.h"
#include "mail/transfer.h"

/* Where a line begins, and what is decoded of those before it: all that they say, and nothing that
 * depends on what follows. */
struct transfer_place {
	size_t encoded;
	size_t decoded;
};

/* The first place is 0, 0, and the last one the end of both; encoded grows from one to the next,
 * decoded does not always. */
struct transfer_map {
	enum transfer_encoding encoding;
	struct slice encoded, decoded;
	unsigned defects;
	struct transfer_place *v;
	size_t n, room;
};

/* QP and BASE64 are decoded into the arena; of others `decoded` is `in`, and there are two places.
 * 0, or -1 when the arena is full. */
int transfer_map_make(
    struct arena *a, enum transfer_encoding from, struct slice in, struct transfer_map *map_r);

/* The index of the last place at or before that offset of the decoded text, not the very last one;
 * and of the first one, behind that, at or behind it. */
size_t transfer_map_before(const struct transfer_map *map, size_t decoded);
size_t transfer_map_behind(const struct transfer_map *map, size_t before, size_t decoded);

/* Appends a text that comes between two lines of quoted-printable, or behind the last: `soft`: it
 * ends in a line break that says nothing. */
void transfer_put_qp(struct buf *out, struct slice text, bool soft);

/* Appends base64 in lines of so many digits (a multiple of 4, at most TRANSFER_LINE_MAX), each but
 * the last with its CRLF. */
void transfer_put_base64(struct buf *out, struct slice text, size_t digits);

/* How many bytes at most either appends. */
size_t transfer_put_bytes(enum transfer_encoding to, struct slice text);

#endif
