/*
 * redis_queue.h - what need not be waited for: whole commands, in order, in a ring of bytes.
 *
 * Any thread pushes, and never waits; one thread, the writer, takes out. A ring that was emptied
 * begins again at its start, so that of a large ring only what was needed is ever touched.
 */
#ifndef IO_REDIS_QUEUE_H
#define IO_REDIS_QUEUE_H

#include "base/err.h"
#include "base/slice.h"
#include "io/deadline.h"

#include <pthread.h>

struct redis_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	char *bytes; /* each command behind its length */
	size_t cap;
	size_t head; /* where the oldest is */
	size_t used;
	size_t n;      /* commands */
	size_t wanted; /* the writer sleeps until there is more than this */
	bool kicked;
};

/* 0, or -1 (ERR_NOMEM). */
int redis_queue_init(struct redis_queue *queue, size_t cap, struct err *err);
void redis_queue_fini(struct redis_queue *queue);

/* A copy of the command; false when there is no room for it. */
bool redis_queue_push(struct redis_queue *queue, struct slice command);

/* Moves the oldest command to out: its length, or 0 when there is none, or not room bytes are
 * enough. */
size_t redis_queue_pop(struct redis_queue *queue, char *out, size_t room);

/* Bytes in the queue. */
size_t redis_queue_used(struct redis_queue *queue);

/* Commands in the queue. */
size_t redis_queue_number(struct redis_queue *queue);

/* Sleeps until more than `bytes` are in the queue, somebody kicks, or the deadline passes. */
void redis_queue_wait(struct redis_queue *queue, size_t bytes, struct deadline until);

/* Wakes the writer, now or when it next wants to sleep. */
void redis_queue_kick(struct redis_queue *queue);

#endif
