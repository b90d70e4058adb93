/*
 * redis_command.c - see redis_command.h.
 */
#include "io/redis_command.h"

static void
line_add(struct buf *out, char kind, uint64_t number)
{
	buf_add_char(out, kind);
	buf_add_u64(out, number);
	buf_add(out, slice_make("\r\n", 2));
}

void
redis_command_begin(struct buf *out, unsigned n)
{
	line_add(out, '*', n);
}

void
redis_command_word(struct buf *out, struct slice word)
{
	line_add(out, '$', word.n);
	buf_add(out, word);
	buf_add(out, slice_make("\r\n", 2));
}

void
redis_command_text(struct buf *out, const char *word)
{
	redis_command_word(out, slice_of(word));
}

void
redis_command_number(struct buf *out, int64_t number)
{
	char storage[24];
	struct buf digits = BUF_OVER(storage);

	buf_add_i64(&digits, number);
	redis_command_word(out, buf_slice(&digits));
}

void
redis_command_add(struct buf *out, const char *const *words)
{
	unsigned n = 0;

	while (words[n] != NULL)
		n++;
	redis_command_begin(out, n);
	for (unsigned i = 0; i < n; i++)
		redis_command_text(out, words[i]);
}
