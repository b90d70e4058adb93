/*
 * frozen_clock.c - loaded into redis-server (LD_PRELOAD), it makes the server's wall clock stand
 * still at the second that the test wrote into the file FROZEN_CLOCK, so that "36 days later" is a
 * matter of an assignment. The file holds one int64_t; 0 lets the clock run. A second one, when it
 * is there, is microseconds. The monotonic clock is left alone.
 *
 * libfaketime would do, but with the jemalloc that Debian's redis-server uses it runs into itself.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *frozen_s; /* behind the end of the file, the page holds zeros */

__attribute__((constructor)) static void
frozen_clock_open(void)
{
	const char *path = getenv("FROZEN_CLOCK");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, 2 * sizeof(*frozen_s), PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		frozen_s = map;
	(void)close(fd);
}

int
clock_gettime(clockid_t id, struct timespec *now)
{
	int64_t at = frozen_s == NULL ? 0 : *frozen_s;

	if (at == 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return (int)syscall(SYS_clock_gettime, id, now);
	*now = (struct timespec){(time_t)at, (long)(frozen_s[1] * 1000)};
	return 0;
}

int
gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	*now = (struct timeval){t.tv_sec, (suseconds_t)(t.tv_nsec / 1000)};
	return 0;
}

time_t
time(time_t *at_r)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	if (at_r != NULL)
		*at_r = t.tv_sec;
	return t.tv_sec;
}
