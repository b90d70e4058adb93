/*
 * deadline.h - a moment on the monotonic clock by which something must have ended.
 *
 * A call that does several things (waits for a slot, connects, asks) takes one deadline and hands
 * it down, so that its parts share one bound.
 */
#ifndef IO_DEADLINE_H
#define IO_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

struct deadline {
	int64_t at_us; /* of CLOCK_MONOTONIC */
};

static inline int64_t
deadline_now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline struct deadline
deadline_in_ms(int64_t ms)
{
	return (struct deadline){deadline_now_us() + ms * 1000};
}

/* Microseconds until then; 0 when it has passed. */
static inline int64_t
deadline_left_us(struct deadline d)
{
	int64_t left = d.at_us - deadline_now_us();

	return left > 0 ? left : 0;
}

static inline bool
deadline_passed(struct deadline d)
{
	return deadline_left_us(d) == 0;
}

static inline struct deadline
deadline_sooner(struct deadline a, struct deadline b)
{
	return a.at_us < b.at_us ? a : b;
}

/* For pthread_cond_timedwait() on a condition variable that was made for CLOCK_MONOTONIC. */
static inline struct timespec
deadline_timespec(struct deadline d)
{
	return (struct timespec){(time_t)(d.at_us / 1000000), (long)(d.at_us % 1000000 * 1000)};
}

static inline struct timeval
deadline_timeval(int64_t us)
{
	return (struct timeval){(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
}

#endif
