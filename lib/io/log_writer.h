/*
 * log_writer.h - takes finished log lines from any thread, and writes them from one of its own.
 *
 * A syslog daemon or a pipe may stall; mail must not wait for it. Lines that find no room are
 * counted, and the count is logged when there is room again. Lines are written together, some
 * milliseconds later: one write for many. Until log_writer_start(), and after log_writer_stop(),
 * each line is written at once.
 */
#ifndef IO_LOG_WRITER_H
#define IO_LOG_WRITER_H

#include "base/slice.h"

/* Where lines go. Called from one thread at a time; text holds whole lines, each with its LF, all
 * of one priority. */
typedef void log_sink(int priority, struct slice text);

/* Starts the thread; a second call changes nothing. 0, or -1 when there is no thread to be had:
 * lines are then written at once, as before. Not before a fork. */
int log_writer_start(void);

/* Writes what is waiting and ends the thread. */
void log_writer_stop(void);

/* Hands one line over; never waits for the sink while the thread runs. The sink and priority of
 * each line are kept with it. */
void log_writer_put(log_sink *sink, int priority, struct slice line);

#endif
