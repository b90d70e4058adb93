/*
 * signals.h - who gets the signals.
 *
 * libmilter starts a thread that waits for SIGHUP, SIGTERM and SIGINT, and stops the filter on each
 * of them; a filter that wants to reload on SIGHUP would race with it. So this program defines
 * sigwait() itself, and libmilter's thread, its only caller, waits for ever. Signals come to the
 * main thread alone, through sigwaitinfo().
 */
#ifndef MILTER_SIGNALS_H
#define MILTER_SIGNALS_H

#include <stdint.h>

/* Blocks, in this thread and those that it will start, the signals that signals_wait() takes.
 * SIGPIPE is ignored. Before any thread starts. */
void signals_block(void);

/* Waits for one of SIGHUP, SIGTERM, SIGINT for at most timeout_ms (-1: for ever).
 * The signal, or 0 when the time is over. */
int signals_wait(int64_t timeout_ms);

#endif
