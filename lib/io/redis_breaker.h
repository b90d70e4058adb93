/*
 * redis_breaker.h - the circuit breaker: while Redis is down, no mail waits to find out.
 *
 * Closed, everybody asks. It opens at once when Redis cannot be reached or refuses to work, and
 * after some time-outs in a row, since one slow answer is no outage. Open, every call fails at
 * once. The background thread probes, and closes it. Each change is told once; so is another reason.
 */
#ifndef IO_REDIS_BREAKER_H
#define IO_REDIS_BREAKER_H

#include "base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A reason that changes while it is open is told not more often than this. */
#define REDIS_BREAKER_TELL_US INT64_C(60000000)

/* Time-outs in a row that mean that Redis is down. */
#define REDIS_BREAKER_TIMEOUTS 3

struct redis_breaker {
	atomic_bool open;
	atomic_uint timeouts;   /* in a row */
	atomic_uint generation; /* how often it was closed again */
	pthread_mutex_t lock;   /* of changes and of what follows */
	struct err why;         /* it is open */
	struct err told;        /* why, as it was told last */
	int64_t told_us;        /* when it was told while it was open; 0: not since it opened */
	int64_t opened_us;      /* CLOCK_MONOTONIC */
	bool inherited;         /* open from the start: why is another one's */
	/* told of each change, in order, under the lock: must not call back here */
	void (*changed)(void *arg, bool up, const char *why);
	void *arg;
};

void redis_breaker_init(
    struct redis_breaker *breaker, void (*changed)(void *arg, bool up, const char *why), void *arg);
void redis_breaker_fini(struct redis_breaker *breaker);

/* Before any use: when `before`, which this one replaces, is open, then so is this one, since then,
 * until a probe succeeds. */
void redis_breaker_inherit(struct redis_breaker *breaker, struct redis_breaker *before);

static inline bool
redis_breaker_is_open(struct redis_breaker *breaker)
{
	return atomic_load_explicit(&breaker->open, memory_order_acquire);
}

/* Before asking: 0, with what redis_breaker_failed() wants to be told, or -1 (ERR_UNAVAILABLE, and
 * why). */
int redis_breaker_enter(struct redis_breaker *breaker, unsigned *generation_r, struct err *err);

/* Redis answered. */
void redis_breaker_passed(struct redis_breaker *breaker);

/* It did not; by the code of why. ERR_UNAVAILABLE opens, ERR_TIMEOUT may, others do not. What was
 * begun before the breaker was last closed is not counted: it tells of the past. */
void redis_breaker_failed(
    struct redis_breaker *breaker, unsigned generation, const struct err *why);

/* A probe failed: callers are told this reason from now on. It is a change when it is of another
 * kind than the one that was told (not to be reached; or what Redis refuses with: NOAUTH, LOADING),
 * and when it is the first reason of its own of one that was open from the start. now_us:
 * deadline_now_us(). */
void redis_breaker_still(struct redis_breaker *breaker, const struct err *why, int64_t now_us);

/* A probe succeeded: closes. */
void redis_breaker_recovered(struct redis_breaker *breaker);

#endif
