/*
 * probe.h - a connection to a server to see whether it answers: a short question, the first bytes of
 * an answer, all by one deadline.
 */
#ifndef IO_PROBE_H
#define IO_PROBE_H

#include "base/err.h"
#include "io/deadline.h"

#include <stddef.h>

/* Connects to "unix:PATH", "inet:PORT@HOST" or "inet6:PORT@HOST", which must be well formed. A host
 * that is a name is resolved, which may take longer. The descriptor, to be closed, or -1: nobody
 * listens, no right to connect (ERR_IO). */
int probe_open(const char *spec, struct deadline until, struct err *err);

/* 0, or -1: it closes the connection (ERR_INVALID). n: little enough for the socket's buffer. */
int probe_send(int fd, const void *question, size_t n, struct err *err);

/* Exactly n bytes. 0, or -1: ERR_TIMEOUT; it closes the connection before (ERR_INVALID). */
int probe_read(int fd, void *answer, size_t n, struct deadline until, struct err *err);

#endif
