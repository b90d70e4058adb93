/*
 * knock.h - a connection to our own listening socket, on which nothing is ever said.
 */
#ifndef IO_KNOCK_H
#define IO_KNOCK_H

#include "io/listener.h"

#include <stdbool.h>

/* Connects to where l listens, and ends its own half at once: who accepts reads an end of file.
 * Looks up no name; waits for 10 ms at most, when the system does not complete the connection at
 * once. A descriptor for the caller to close, or -1 with errno: EAGAIN or ETIMEDOUT when the queue
 * is full, EACCES without the right to connect. l: published, and not released meanwhile. */
int knock_open(const struct listener *l);

/* Waits for wait_ms at most. True once the other side has closed its half, too. */
bool knock_heard(int fd, int wait_ms);

#endif
