/*
 * monotonic_cond.h - condition variables whose waits do not jump when somebody sets the clock.
 */
#ifndef IO_MONOTONIC_COND_H
#define IO_MONOTONIC_COND_H

#include <pthread.h>
#include <time.h>

/* As pthread_cond_init(), for waits that end at a time of CLOCK_MONOTONIC. */
static inline int
monotonic_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	int status = pthread_condattr_init(&attr);

	if (status != 0)
		return status;
	status = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (status == 0)
		status = pthread_cond_init(cond, &attr);
	(void)pthread_condattr_destroy(&attr);
	return status;
}

#endif
