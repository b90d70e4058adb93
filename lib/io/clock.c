/*
 * clock.c - see clock.h.
 */
#include "io/clock.h"

#include <time.h>

static int64_t
real_now_s(const struct clock_port *clock)
{
	(void)clock;
	return (int64_t)time(NULL);
}

static int64_t
real_mono_ms(const struct clock_port *clock)
{
	struct timespec now;

	(void)clock;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct clock_port clock_real = {real_now_s, real_mono_ms};
