/*
 * signals.c - see signals.h.
 */
#include "signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static void
signals_set(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
}

void
signals_block(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	signals_set(&set);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL); /* the spool says EFBIG instead */
}

int
signals_wait(int64_t timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000};
	sigset_t set;
	int got;

	signals_set(&set);
	do {
		got = timeout_ms < 0 ? sigwaitinfo(&set, NULL) : sigtimedwait(&set, NULL, &timeout);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? 0 : got;
}

/* For libmilter's signal thread: everything it could wait for is blocked there, so this is for
 * ever. */
int
sigwait(const sigset_t *restrict set, int *restrict sig)
{
	(void)set;
	(void)sig;
	for (;;)
		(void)pause();
}
