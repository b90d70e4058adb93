/*
 * message_in.h - a message on standard input.
 */
#ifndef CTL_MESSAGE_IN_H
#define CTL_MESSAGE_IN_H

#include "base/err.h"
#include "mail/message.h"

/* The largest one: what MTAs take by default, and some. */
#define MESSAGE_IN_BYTES ((size_t)64 * 1024 * 1024)

/* Reads it into the arena, whatever its line ends; empty lines and a line "From ..." of an mbox in
 * front of it are left out. 0, or -1 with the reason. */
int message_in_read(struct arena *a, struct message *message_r, struct err *err);

#endif
