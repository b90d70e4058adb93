/*
 * buf.h - text built up in storage of a fixed size that the caller owns.
 *
 * Invariants: n <= cap; bytes beyond cap are dropped, `over` says that some were, and stays set
 * until buf_reset(), so that a run of appends is checked once, at its end. Nothing is allocated and
 * no NUL is kept: buf_text() adds one when a C string is wanted.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/slice.h"

#include <stdint.h>

struct buf {
	char *p;
	size_t n;   /* bytes used */
	size_t cap; /* bytes there are */
	bool over;  /* something did not fit */
};

/* A buffer over an array (not a pointer). */
#define BUF_OVER(array)                                                                            \
	{                                                                                          \
		(array), 0, sizeof(array), false                                                   \
	}

void buf_init(struct buf *b, char *storage, size_t cap);
void buf_reset(struct buf *b);

void buf_add(struct buf *b, struct slice s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_add_u64(struct buf *b, uint64_t value); /* decimal */
void buf_add_i64(struct buf *b, int64_t value);
void buf_add_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* s with the ASCII letters in lower case. */
void buf_add_lower(struct buf *b, struct slice s);

/* What was built, valid until the next change. */
struct slice buf_slice(const struct buf *b);

/* As a C string: the last byte gives way to the NUL when the buffer is full, which sets `over`. */
const char *buf_text(struct buf *b);

#endif
