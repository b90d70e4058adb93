/*
 * redis_command.h - commands as Redis reads them (RESP: "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"), built in
 * the caller's buffer.
 *
 * hiredis formats too, but into memory of its own, anew for each command.
 */
#ifndef IO_REDIS_COMMAND_H
#define IO_REDIS_COMMAND_H

#include "base/buf.h"

#include <stdint.h>

/* Begins a command of n words, which must follow. Whether all fit: out->over, at the end. */
void redis_command_begin(struct buf *out, unsigned n);

void redis_command_word(struct buf *out, struct slice word);
void redis_command_text(struct buf *out, const char *word);
void redis_command_number(struct buf *out, int64_t number);

/* A whole command of C strings; ends in NULL. */
void redis_command_add(struct buf *out, const char *const *words);

#endif
