/*
 * try_message.h - a message in a file, handed to the pipeline as an MTA would.
 */
#ifndef CTL_TRY_MESSAGE_H
#define CTL_TRY_MESSAGE_H

#include "base/arena.h"
#include "pipeline.h"

/* The largest message: what MTAs take by default, and some. */
#define TRY_MESSAGE_BYTES ((size_t)64 * 1024 * 1024)

/* Reads the file (line ends LF or CRLF; a line "From …" of an mbox in front is left out) into the
 * arena, with LF as line ends. 0, or -1 with the reason. */
int try_message_read(const char *path, struct arena *a, struct slice *text_r, struct err *err);

struct try_message {
	const struct pipeline *pipeline;
	struct txn *txn;
	struct slice text;
	struct arena *arena;
	struct edits *edits; /* begun, and those made at the end of the header */
};

/* Gives header fields, end of header, and the body with CRLF as line ends. 0, or -1 (ERR_NOMEM). */
int try_message_send(const struct try_message *m, struct err *err);

#endif
