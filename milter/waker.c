/*
 * waker.c - see waker.h.
 */
#include "waker.h"

#include "io/deadline.h"
#include "io/knock.h"
#include "io/log.h"
#include "io/monotonic_cond.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* A callback that takes longer than one to two of these takes its time. Also how often we connect at
 * least then, and how long we go on at most before others may want the processor. */
#define TICK_MS 50

/* A thread takes some 0.1 ms to answer; one that waits for DNS does not. */
#define HEAR_MS 5

/* Our connections that are open: libmilter loses what it cannot start a thread for, and then no more
 * than so many in LOST_MS. */
#define KNOCKS_MAX 8
#define LOST_MS    2000

struct knocks {
	int fds[KNOCKS_MAX]; /* not answered yet, the oldest first */
	struct deadline until[KNOCKS_MAX];
	size_t n;
};

static pthread_t thread;
static const struct listener *listener; /* NULL: not started */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t changed;
static bool stop;
static atomic_bool asleep; /* nobody is in a callback: who enters one wakes us; set with the lock */

/* Who is in a callback: those who entered in this period, and those before. A period ends, at a tick,
 * when nobody of the one before is left; so the latter have been there for a tick at least. */
static atomic_uint inside[2];
static atomic_uint period;

static atomic_uint answered; /* connections that a thread came for that was there before */

/* This thread has been seen before, so libmilter did not start it just now. */
static _Thread_local bool seen;

unsigned
waker_enter(void)
{
	unsigned since = atomic_load(&period) % 2;

	(void)atomic_fetch_add(&inside[since], 1);
	if (atomic_load(&asleep)) {
		(void)pthread_mutex_lock(&lock);
		atomic_store(&asleep, false);
		(void)pthread_cond_signal(&changed);
		(void)pthread_mutex_unlock(&lock);
	}
	return since;
}

void
waker_leave(unsigned since)
{
	(void)atomic_fetch_sub(&inside[since], 1);
	seen = true;
}

void
waker_heard(void)
{
	if (seen)
		(void)atomic_fetch_add(&answered, 1);
	seen = true;
}

static bool
somebody_inside(void)
{
	return atomic_load(&inside[0]) + atomic_load(&inside[1]) > 0;
}

/* Waits until somebody is in a callback, unless `busy`, and then for a tick. False: it is time to
 * end. */
static bool
tick_wait(bool busy)
{
	struct timespec until;
	bool go_on;

	(void)pthread_mutex_lock(&lock);
	atomic_store(&asleep, !busy);
	if (somebody_inside())
		atomic_store(&asleep, false);
	while (atomic_load(&asleep) && !stop)
		(void)pthread_cond_wait(&changed, &lock);
	atomic_store(&asleep, false);
	until = deadline_timespec(deadline_in_ms(TICK_MS));
	while (!stop && pthread_cond_timedwait(&changed, &lock, &until) != ETIMEDOUT)
		;
	go_on = !stop;
	(void)pthread_mutex_unlock(&lock);
	return go_on;
}

/* True when somebody has been in a callback for a tick or longer. */
static bool
somebody_waits(void)
{
	if (atomic_load(&inside[(atomic_load(&period) + 1) % 2]) > 0)
		return true;
	(void)atomic_fetch_add(&period, 1);
	return false;
}

/* Closes those that were answered, and those that never will be. */
static void
knocks_tidy(struct knocks *k, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->n; i++) {
		if (all || deadline_passed(k->until[i]) || knock_heard(k->fds[i], 0)) {
			(void)close(k->fds[i]);
			continue;
		}
		k->fds[kept] = k->fds[i];
		k->until[kept++] = k->until[i];
	}
	k->n = kept;
}

/* Anything but a missing right passes. */
static void
refused(int why)
{
	static bool told;
	char storage[200];
	struct buf text = BUF_OVER(storage);

	if (told || (why != EACCES && why != EPERM))
		return;
	told = true;
	buf_add_format(&text,
	    "cannot connect to our own socket: %s; many sessions that begin in the same moment may "
	    "wait for each other",
	    strerror(why));
	log_event(LOG_LEVEL_WARNING, "listen", buf_text(&text));
}

/* Connects until a thread answers that libmilter had, which then has nothing else to do. */
static void
knock(struct knocks *k)
{
	struct deadline until = deadline_in_ms(TICK_MS);

	while (k->n < KNOCKS_MAX && !deadline_passed(until)) {
		unsigned before = atomic_load(&answered);
		int fd = knock_open(listener);

		if (fd < 0) {
			refused(errno);
			return;
		}
		if (!knock_heard(fd, HEAR_MS)) {
			k->until[k->n] = deadline_in_ms(LOST_MS);
			k->fds[k->n++] = fd;
			continue;
		}
		(void)close(fd);
		if (atomic_load(&answered) != before)
			return;
	}
}

static void *
waker_run(void *arg)
{
	struct knocks knocks = {.n = 0};

	(void)arg;
	while (tick_wait(knocks.n > 0)) {
		knocks_tidy(&knocks, false);
		if (somebody_waits())
			knock(&knocks);
	}
	if (somebody_inside())
		knock(&knocks); /* nobody can do it later for those who wait now */
	knocks_tidy(&knocks, true);
	return NULL;
}

int
waker_start(const struct listener *l, struct err *err)
{
	stop = false;
	listener = l;
	if (monotonic_cond_init(&changed) == 0 &&
	    pthread_create(&thread, NULL, waker_run, NULL) == 0)
		return 0;
	listener = NULL;
	return err_set(err, ERR_IO, "cannot start a thread");
}

void
waker_stop(void)
{
	if (listener == NULL)
		return;
	(void)pthread_mutex_lock(&lock);
	stop = true;
	(void)pthread_cond_signal(&changed);
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_join(thread, NULL);
	listener = NULL;
}
