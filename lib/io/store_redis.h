/*
 * store_redis.h - the store in Redis, behind struct store.
 *
 * grey_step() waits for Redis, never longer than `timeout`; the others do not wait. While Redis is
 * down, grey_step() fails at once with ERR_UNAVAILABLE and the reason; counters add up in memory,
 * events wait in the queue, lists stay as they were; all of it goes on by itself when Redis does.
 * SIGPIPE must be ignored by the program.
 */
#ifndef IO_STORE_REDIS_H
#define IO_STORE_REDIS_H

#include "io/redis_link.h"
#include "policy/ports.h"

/* Starts the background thread, which connects; a Redis that is down is no error. conf and notify
 * are copied. Resolves the server's name first, which may wait for DNS. NULL with the reason
 * (ERR_INVALID, ERR_DENIED, ERR_NOMEM). To be given to store_redis_free(). */
struct store *store_redis_new(
    const struct redis_conf *conf, const struct store_notify *notify, struct err *err);

/* The same in the place of another store: when Redis is down for that one, it is for this one, until
 * a probe says otherwise, so that who was told the one is told the other; and what that one, when it is
 * freed, has left to write is written by this one, if `prefix` is the same. before: NULL is fine. */
struct store *store_redis_replace(struct store *before, const struct redis_conf *conf,
    const struct store_notify *notify, struct err *err);

/* Waits until the lists were read for the first time, or Redis's time-out is over: before the first
 * session, so that nobody who opted out is put off at a start. */
void store_redis_warm(struct store *store);

/* How it is doing, for who watches. */
struct store_gauges {
	size_t queue_used, queue_bytes;
	uint64_t dropped; /* events that found no room, or were refused, in all, here and before */
	bool up;
};
void store_redis_gauges(struct store *store, struct store_gauges *gauges_r);

/* Writes what is in the queue and the counters, for at most two seconds, and ends; what is left goes to
 * the store that took its place, or else is lost, of which the owner is warned. No other thread may be
 * using the store. NULL is fine. */
void store_redis_free(struct store *store);

#endif
