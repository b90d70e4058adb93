/*
 * redis_pool.h - the connections that sessions share: at most so many, the last given back taken
 * first, so that few are used at all and stay warm.
 *
 * Connections belong to the pool and are lent for one exchange, never to a thread: libmilter's
 * worker threads come and go. The pool does not connect: a connection may be closed when
 * it is lent, and when it is given back.
 *
 * Who comes while one is free takes it, though others may have been woken to do so: that saves most
 * of the waking. But who has waited for a tenth of his time is given the next one before all
 * others, so that nobody starves.
 */
#ifndef IO_REDIS_POOL_H
#define IO_REDIS_POOL_H

#include "io/redis_conn.h"

#include <pthread.h>

struct redis_pool_waiter;

struct redis_pool {
	pthread_mutex_t lock;
	struct redis_pool_waiter *first, *last; /* the longest waiting first */
	struct redis_conn *conn;                /* max */
	struct redis_conn **idle;
	unsigned max;
	unsigned n_idle; /* idle[0 .. n_idle) */
	unsigned epoch;  /* connections of an earlier one are closed when they come back */
	bool shut;       /* Redis is down: nobody need wait */
};

/* 0, or -1 (ERR_NOMEM). */
int redis_pool_init(struct redis_pool *pool, unsigned max, struct err *err);

/* Nobody may hold a connection any more. */
void redis_pool_fini(struct redis_pool *pool);

/* Waits for a free connection until the deadline: 0, or -1 (ERR_TIMEOUT; ERR_UNAVAILABLE as soon
 * as the pool is shut). */
int redis_pool_take(
    struct redis_pool *pool, struct redis_conn **conn_r, struct deadline until, struct err *err);

void redis_pool_give(struct redis_pool *pool, struct redis_conn *conn);

/* To be called before the connection, which is closed, is opened. */
void redis_pool_opening(struct redis_pool *pool, struct redis_conn *conn);

/* Every connection opened until now is closed: the idle ones at once, the others when they come
 * back. */
void redis_pool_renew(struct redis_pool *pool);

/* Sends the waiting away, and renews; lets them come again. */
void redis_pool_shut(struct redis_pool *pool);
void redis_pool_unshut(struct redis_pool *pool);

#endif
