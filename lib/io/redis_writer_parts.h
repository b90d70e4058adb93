/*
 * redis_writer_parts.h - what the files of the writer share; nobody else includes it.
 */
#ifndef IO_REDIS_WRITER_PARTS_H
#define IO_REDIS_WRITER_PARTS_H

#include "io/redis_writer.h"

bool redis_writer_is_stopping(struct redis_writer *writer);

/* By when what is begun now must have ended. */
struct deadline redis_writer_until(struct redis_writer *writer);

/* n events were given up. */
void redis_writer_dropped(struct redis_writer *writer, int64_t n);

/* Writes and reads all that there is to do now, over the writer's connection. 0, or -1 as in
 * redis_conn.h; ERR_TIMEOUT may leave a batch on its way. */
int redis_writer_exchange(struct redis_writer *writer, struct err *err);

#endif
