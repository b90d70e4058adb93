/*
 * load_message.h - the message that all transactions of a load run send.
 */
#ifndef BENCH_LOAD_MESSAGE_H
#define BENCH_LOAD_MESSAGE_H

#include "base/slice.h"

#include <stdio.h>

struct load_field {
	const char *name;
	const char *value; /* as it is behind the colon */
};

struct load_message {
	struct load_field fields[16];
	size_t nfields;
	struct slice body; /* lines ending in CRLF */
	char *text;        /* that the fields and the body are in; NULL: the body is its own */
};

/* Makes it. bytes: of the body, cut within a line; html: of lines as newsletters have them, most of
 * which begin with blanks, with so many links, one in each table at most, else of plain ones; signature:
 * value of a DKIM-Signature field in front of the others, or NULL. False when there is no memory. */
bool load_message_make(
    struct load_message *m, size_t bytes, bool html, size_t links, const char *signature);

/* Reads it: a header, an empty line, a body; lines end in CRLF or LF. False: it cannot be read, or has
 * more fields than there is room for. */
bool load_message_read(struct load_message *m, const char *path);

void load_message_free(struct load_message *m);

/* Prints it; lines end in CRLF. */
void load_message_print(const struct load_message *m, FILE *out);

#endif
