/*
 * waker.h - sees to it that libmilter has a thread for everybody while callbacks wait.
 *
 * Where libmilter runs sessions in a pool of threads, an event (a connection, a command) either gets
 * a new thread, or, when the pool counts one as idle, waits for that to take it. But a thread is
 * counted as idle until it has run, so a burst of events waits for one thread. That is nothing when
 * callbacks are quick. Ours wait for DNS: a thread that took the first event of the burst is away for
 * as long, and the others stay where they are, up to dns.timeout each, one after the other.
 *
 * A new connection makes libmilter look again: it starts a thread, or wakes one, and each takes all
 * that waits. So while some callback takes its time, a thread of ours connects to our own socket,
 * and hangs up; again at once when libmilter needed a new thread for that, since there may be more
 * to do, and until one that it had came to answer: that one found nothing else to do.
 *
 * Without a pool, each session has a thread of its own, and the connections do nothing.
 */
#ifndef MILTER_WAKER_H
#define MILTER_WAKER_H

#include "io/listener.h"

/* Starts it; l must be published, and not be released before waker_stop(). 0, or -1. */
int waker_start(const struct listener *l, struct err *err);

/* Ends it, within 100 ms; nothing when it was not started. */
void waker_stop(void);

/* Around what may take its time in a callback. What the first returns, the second wants. */
unsigned waker_enter(void);
void waker_leave(unsigned since);

/* In libmilter's thread: a connection was closed that never said anything. */
void waker_heard(void);

#endif
