/*
 * try_message.c - see try_message.h.
 */
#include "try_message.h"

#include "io/files.h"
#include "mail/message.h"

/* What an MTA hands over at a time. */
#define CHUNK_BYTES 65535

/* The same bytes, but LF for each CRLF. 0, or -1 (ERR_NOMEM). */
static int
line_ends_unify(struct slice text, struct arena *a, struct slice *text_r, struct err *err)
{
	char *copy = arena_alloc(a, text.n + 1);
	size_t n = 0;

	if (copy == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the message");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
			copy[n++] = text.p[i];
	}
	*text_r = slice_make(copy, n);
	return 0;
}

int
try_message_read(const char *path, struct arena *a, struct slice *text_r, struct err *err)
{
	struct slice text;

	if (files_read(path, TRY_MESSAGE_BYTES, a, &text, err) != 0 ||
	    line_ends_unify(text, a, text_r, err) != 0)
		return -1;
	if (slice_starts(*text_r, slice_of("From ")))
		*text_r = slice_from(*text_r, slice_find(*text_r, '\n') + 1);
	return 0;
}

/* Sends what is in the chunk; false when nobody wants more. */
static bool
chunk_send(const struct pipeline *p, struct txn *txn, struct buf *chunk)
{
	bool more = chunk->n == 0 || pipeline_body(p, txn, buf_slice(chunk));

	buf_reset(chunk);
	return more;
}

static void
body_send(const struct pipeline *p, struct txn *txn, struct slice body)
{
	char storage[CHUNK_BYTES];
	struct buf chunk = BUF_OVER(storage);

	for (size_t i = 0; i < body.n; i++) {
		if (chunk.cap - chunk.n < 4 && !chunk_send(p, txn, &chunk))
			return;
		if (body.p[i] == '\n')
			buf_add_char(&chunk, '\r');
		buf_add_char(&chunk, body.p[i]);
	}
	if (body.n > 0 && body.p[body.n - 1] != '\n') /* SMTP has no half lines */
		buf_add(&chunk, slice_make("\r\n", 2));
	(void)chunk_send(p, txn, &chunk);
}

int
try_message_send(const struct try_message *m, struct err *err)
{
	struct message message;

	if (message_parse(m->arena, m->text, &message) != 0)
		return err_set(err, ERR_NOMEM, "no memory for the message");
	for (size_t i = 0; i < message.n; i++)
		pipeline_header(m->pipeline, m->txn, message.v[i].name, message.v[i].value);
	pipeline_eoh(m->pipeline, m->txn, m->edits);
	body_send(m->pipeline, m->txn, message.body);
	return 0;
}
