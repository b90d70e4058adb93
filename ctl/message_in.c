/*
 * message_in.c - see message_in.h.
 */
#include "message_in.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What is asked of the arena first; then twice as much, and so on. */
#define FIRST_BYTES ((size_t)64 * 1024)

/* All there is to read, up to a bound. */
static int
input_read(struct arena *a, struct slice *text_r, struct err *err)
{
	size_t room = FIRST_BYTES, n = 0;
	char *p = arena_alloc(a, room);

	while (p != NULL) {
		char *more;

		n += fread(p + n, 1, room - n, stdin);
		if (ferror(stdin))
			return err_set(err, ERR_IO, "standard input: %s", strerror(errno));
		if (n < room) {
			*text_r = slice_make(p, n);
			return 0;
		}
		if (room == MESSAGE_IN_BYTES)
			return err_set(err, ERR_LIMIT,
			    "standard input: more than %zu bytes; is it a message?",
			    MESSAGE_IN_BYTES);
		more = arena_alloc(a, room * 2);
		if (more != NULL)
			memcpy(more, p, n);
		p = more;
		room *= 2;
	}
	return err_set(err, ERR_NOMEM, "no memory for the message");
}

/* What stands in front of the header in files. */
static struct slice
preamble_skip(struct slice text)
{
	for (;;) {
		struct slice line = slice_head(text, slice_find(text, '\n'));
		bool skip = slice_trim(line).n == 0 || slice_starts(line, slice_of("From "));

		if (!skip || text.n == 0)
			return text;
		text = slice_from(text, line.n + 1);
	}
}

int
message_in_read(struct arena *a, struct message *message_r, struct err *err)
{
	struct slice text = {NULL, 0};

	if (input_read(a, &text, err) != 0)
		return -1;
	if (message_parse(a, preamble_skip(text), message_r) != 0)
		return err_set(err, ERR_NOMEM, "no memory for the message");
	return 0;
}
