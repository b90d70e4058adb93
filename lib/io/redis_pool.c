/*
 * redis_pool.c - see redis_pool.h.
 */
#include "io/redis_pool.h"

#include "io/monotonic_cond.h"

#include <stdlib.h>

/* Who has waited for this part of the time he has is served before who comes now. */
#define WAITER_OLD_PART 10

/* Somebody who waits, on his own stack. */
struct redis_pool_waiter {
	struct redis_pool_waiter *next;
	pthread_cond_t woken;    /* something was given back, or the pool was shut */
	struct redis_conn *conn; /* given to this one */
	struct deadline old;     /* when it must be served first */
};

int
redis_pool_init(struct redis_pool *pool, unsigned max, struct err *err)
{
	*pool = (struct redis_pool){.max = max, .lock = PTHREAD_MUTEX_INITIALIZER};
	pool->conn = calloc(max, sizeof(*pool->conn));
	pool->idle = calloc(max, sizeof(struct redis_conn *));
	if (pool->conn == NULL || pool->idle == NULL) {
		free(pool->conn);
		free(pool->idle);
		return err_set(err, ERR_NOMEM, "no memory for %u connections to Redis", max);
	}
	/* the first is taken first */
	while (pool->n_idle < max) {
		pool->idle[pool->n_idle] = &pool->conn[max - 1 - pool->n_idle];
		pool->n_idle++;
	}
	return 0;
}

void
redis_pool_fini(struct redis_pool *pool)
{
	for (unsigned i = 0; i < pool->max; i++)
		redis_conn_close(&pool->conn[i]);
	free(pool->conn);
	free(pool->idle);
	(void)pthread_mutex_destroy(&pool->lock);
}

static void
waiter_add(struct redis_pool *pool, struct redis_pool_waiter *waiter)
{
	if (pool->first == NULL)
		pool->first = waiter;
	else
		pool->last->next = waiter;
	pool->last = waiter;
}

/* Takes the waiter out of the line, when it still is in there. */
static void
waiter_remove(struct redis_pool *pool, struct redis_pool_waiter *waiter)
{
	struct redis_pool_waiter **at = &pool->first;
	struct redis_pool_waiter *before = NULL;

	while (*at != NULL && *at != waiter) {
		before = *at;
		at = &(*at)->next;
	}
	if (*at == NULL)
		return;
	*at = waiter->next;
	if (pool->last == waiter)
		pool->last = before;
}

static bool
first_is_old(const struct redis_pool *pool)
{
	return pool->first != NULL && deadline_passed(pool->first->old);
}

/* Stands in line until a connection is there, which is taken off the idle ones; NULL when none
 * came. Under the lock. */
static struct redis_conn *
line_wait(struct redis_pool *pool, struct deadline until)
{
	struct redis_pool_waiter self = {.conn = NULL};
	struct timespec at = deadline_timespec(until);
	int status = 0;

	self.old.at_us = deadline_now_us() + deadline_left_us(until) / WAITER_OLD_PART;
	if (monotonic_cond_init(&self.woken) != 0)
		return NULL;
	waiter_add(pool, &self);
	while (self.conn == NULL && (pool->n_idle == 0 || pool->first != &self) && !pool->shut &&
	       status == 0)
		status = pthread_cond_timedwait(&self.woken, &pool->lock, &at);
	waiter_remove(pool, &self);
	(void)pthread_cond_destroy(&self.woken);
	if (self.conn == NULL && pool->n_idle > 0)
		self.conn = pool->idle[--pool->n_idle];
	if (pool->n_idle > 0 && pool->first != NULL) /* woken for several: pass it on */
		(void)pthread_cond_signal(&pool->first->woken);
	return self.conn;
}

int
redis_pool_take(
    struct redis_pool *pool, struct redis_conn **conn_r, struct deadline until, struct err *err)
{
	struct redis_conn *conn = NULL;
	bool shut;

	(void)pthread_mutex_lock(&pool->lock);
	shut = pool->shut;
	if (!shut && pool->n_idle > 0 && !first_is_old(pool))
		conn = pool->idle[--pool->n_idle];
	else if (!shut)
		conn = line_wait(pool, until);
	shut = pool->shut;
	(void)pthread_mutex_unlock(&pool->lock);
	*conn_r = conn;
	if (conn != NULL)
		return 0;
	if (shut)
		return err_set(err, ERR_UNAVAILABLE, "Redis went away");
	return err_set(
	    err, ERR_TIMEOUT, "none of the %u connections to Redis became free in time", pool->max);
}

void
redis_pool_give(struct redis_pool *pool, struct redis_conn *conn)
{
	struct redis_pool_waiter *first;

	(void)pthread_mutex_lock(&pool->lock);
	if (conn->epoch != pool->epoch)
		redis_conn_close(conn);
	first = pool->first;
	if (first_is_old(pool)) {
		first->conn = conn;
		waiter_remove(pool, first);
	} else {
		pool->idle[pool->n_idle++] = conn;
	}
	if (first != NULL)
		(void)pthread_cond_signal(&first->woken);
	(void)pthread_mutex_unlock(&pool->lock);
}

void
redis_pool_opening(struct redis_pool *pool, struct redis_conn *conn)
{
	(void)pthread_mutex_lock(&pool->lock);
	conn->epoch = pool->epoch;
	(void)pthread_mutex_unlock(&pool->lock);
}

/* Under the lock. */
static void
renew(struct redis_pool *pool)
{
	pool->epoch++;
	for (unsigned i = 0; i < pool->n_idle; i++)
		redis_conn_close(pool->idle[i]);
}

void
redis_pool_renew(struct redis_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	renew(pool);
	(void)pthread_mutex_unlock(&pool->lock);
}

void
redis_pool_shut(struct redis_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	pool->shut = true;
	renew(pool);
	for (struct redis_pool_waiter *w = pool->first; w != NULL; w = w->next)
		(void)pthread_cond_signal(&w->woken);
	(void)pthread_mutex_unlock(&pool->lock);
}

void
redis_pool_unshut(struct redis_pool *pool)
{
	(void)pthread_mutex_lock(&pool->lock);
	pool->shut = false;
	(void)pthread_mutex_unlock(&pool->lock);
}
