/*
 * child.h - asking another program: no shell, and bounds on its time and its output.
 */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include "base/buf.h"
#include "base/err.h"

/* Runs argv (ends in NULL; argv[0] without a slash is looked for in $PATH and the sbin
 * directories), reads its standard output into out until it ends, and ends it when that does not
 * fit or takes longer than timeout_ms. Its standard input and error are /dev/null; it has our
 * environment. status_r: its exit code, or 128 and the signal.
 * 0, or -1: there is no such program (ERR_INVALID), it took too long (ERR_TIMEOUT), said too much
 * (ERR_LIMIT), could not be started (ERR_IO). */
int child_run(
    const char *const *argv, int64_t timeout_ms, struct buf *out, int *status_r, struct err *err);

#endif
