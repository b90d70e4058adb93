/*
 * redis_outbox.h - the batch of commands that the writer has on its way: kept until each is
 * answered, so that what a broken connection left in doubt is sent again.
 *
 * fill with add() -> send bytes() -> answer() for each, in order -> settle(). settle() also follows
 * when the connection broke: what was not done remains, and is sent again on the next.
 */
#ifndef IO_REDIS_OUTBOX_H
#define IO_REDIS_OUTBOX_H

#include "base/slice.h"

#include <stdint.h>

/* A batch as large as the socket takes at once, so that writing does not wait for reading. */
#define REDIS_OUTBOX_BYTES 65536
#define REDIS_OUTBOX_ITEMS 512

struct redis_outbox {
	unsigned n;        /* commands */
	unsigned answered; /* of those, since they were sent */
	size_t used;
	bool sent;
	struct {
		uint32_t n; /* bytes */
		bool done;
	} item[REDIS_OUTBOX_ITEMS];
	char bytes[REDIS_OUTBOX_BYTES];
};

/* Room for one more command: where, and how many bytes; n = 0 when it is full. */
struct slice redis_outbox_room(const struct redis_outbox *outbox);

/* Appends a command. False when it does not fit. */
bool redis_outbox_add(struct redis_outbox *outbox, struct slice command);

/* All the commands, for sending. */
struct slice redis_outbox_bytes(const struct redis_outbox *outbox);

/* The next answer came: the command is done with, or must be sent again. */
void redis_outbox_answer(struct redis_outbox *outbox, bool done);

/* Forgets what is done, and makes the rest ready to be sent. */
void redis_outbox_settle(struct redis_outbox *outbox);

#endif
