/*
 * buf.c - see buf.h.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

void
buf_init(struct buf *b, char *storage, size_t cap)
{
	assert(storage != NULL && cap > 0);
	*b = (struct buf){storage, 0, cap, false};
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
}

void
buf_add(struct buf *b, struct slice s)
{
	size_t room = b->cap - b->n;

	if (s.n > room) {
		b->over = true;
		s.n = room;
	}
	if (s.n == 0)
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void
buf_add_text(struct buf *b, const char *text)
{
	buf_add(b, slice_of(text));
}

void
buf_add_char(struct buf *b, char c)
{
	if (b->n < b->cap)
		b->p[b->n++] = c;
	else
		b->over = true;
}

void
buf_add_u64(struct buf *b, uint64_t value)
{
	char digits[20]; /* 2^64 - 1 has twenty */
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	buf_add(b, slice_make(digits + at, sizeof(digits) - at));
}

void
buf_add_i64(struct buf *b, int64_t value)
{
	if (value < 0)
		buf_add_char(b, '-');
	buf_add_u64(b, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void
buf_add_format(struct buf *b, const char *format, ...)
{
	size_t room = b->cap - b->n;
	va_list args;
	int wanted;

	if (room == 0) {
		b->over = true;
		return;
	}
	va_start(args, format);
	wanted = vsnprintf(b->p + b->n, room, format, args);
	va_end(args);
	if (wanted < 0) {
		b->over = true;
	} else if ((size_t)wanted >= room) {
		b->over = true;
		b->n = b->cap - 1; /* vsnprintf spent the last byte on its NUL */
	} else {
		b->n += (size_t)wanted;
	}
}

void
buf_add_lower(struct buf *b, struct slice s)
{
	size_t from = b->n;

	buf_add(b, s);
	for (size_t i = from; i < b->n; i++)
		b->p[i] = ascii_lower(b->p[i]);
}

struct slice
buf_slice(const struct buf *b)
{
	return slice_make(b->p, b->n);
}

const char *
buf_text(struct buf *b)
{
	if (b->n == b->cap) {
		b->over = true;
		b->n--;
	}
	b->p[b->n] = '\0';
	return b->p;
}
