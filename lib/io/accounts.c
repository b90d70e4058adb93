/*
 * accounts.c - see accounts.h: the port is made, started, and ended.
 */
#include "io/accounts_parts.h"

#include "io/monotonic_cond.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* milter.conf has one megabyte at most, and its lists 64. */
#define CONF_BYTES ((size_t)128 * 1024 * 1024)

static int
port_fill(struct accounts_port *p, struct accounts_port *before, struct err *err)
{
	struct accounts_pairs *none;

	if (accounts_conf_init(p, err) != 0)
		return -1;
	if (before != NULL) {
		if (accounts_inherit(p, before, err) != 0)
			return -1;
	} else {
		none = accounts_pairs_new();
		if (none == NULL)
			return err_set(err, ERR_NOMEM, "no memory for the accounts");
		if (accounts_index_set(p, none, err) != 0)
			return -1;
	}
	accounts_told(p);
	return accounts_publish(p, err);
}

static void
port_fini(struct accounts_port *p)
{
	if (p->current != NULL) {
		p->current->next = p->old;
		p->old = p->current;
	}
	accounts_reap(p);
	accounts_slots_free(p);
	arena_fini(&p->arena);
	redis_target_fini(&p->link.target);
	(void)pthread_cond_destroy(&p->read);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

struct accounts *
accounts_new(const struct accounts_setup *setup, struct accounts *before, struct err *err)
{
	struct accounts_port *p = calloc(1, sizeof(*p));

	if (p == NULL || monotonic_cond_init(&p->read) != 0) {
		free(p);
		(void)err_set(err, ERR_NOMEM, "no memory for the accounts");
		return NULL;
	}
	p->port = (struct accounts){accounts_hold, accounts_release};
	p->setup = *setup;
	p->setup.redis = NULL;
	p->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	arena_init(&p->arena, 4096, CONF_BYTES);
	if (redis_target_init(&p->link.target, setup->redis, err) != 0) {
		(void)pthread_cond_destroy(&p->read);
		free(p);
		return NULL;
	}
	p->before = before == NULL ? NULL : accounts_port_of(before);
	if (port_fill(p, p->before, err) == 0)
		return &p->port;
	port_fini(p);
	return NULL;
}

static int
thread_start(struct accounts_port *p)
{
	sigset_t all, before;
	int status;

	/* signals are for the threads that wait for them */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&p->thread, NULL, accounts_main, p);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

int
accounts_start(struct accounts *accounts, struct err *err)
{
	struct accounts_port *p = accounts_port_of(accounts);

	if (pipe(p->stop_pipe) != 0)
		return err_set(err, ERR_NOMEM, "cannot start the thread of the accounts: no pipe");
	(void)fcntl(p->stop_pipe[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(p->stop_pipe[1], F_SETFD, FD_CLOEXEC);
	if (thread_start(p) != 0) {
		(void)close(p->stop_pipe[0]);
		(void)close(p->stop_pipe[1]);
		return err_set(err, ERR_NOMEM, "cannot start the thread of the accounts");
	}
	p->started = true;
	if (p->before != NULL)
		atomic_store(&p->before->quiet, true);
	p->before = NULL;
	return 0;
}

void
accounts_warm(struct accounts *accounts, int64_t ms)
{
	struct accounts_port *p = accounts_port_of(accounts);
	struct timespec until = deadline_timespec(deadline_in_ms(ms));
	int status = 0;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->was_read && status == 0)
		status = pthread_cond_timedwait(&p->read, &p->lock, &until);
	(void)pthread_mutex_unlock(&p->lock);
}

void
accounts_free(struct accounts *accounts)
{
	struct accounts_port *p = accounts_port_of(accounts);

	if (accounts == NULL)
		return;
	if (p->started) {
		atomic_store_explicit(&p->stopping, true, memory_order_release);
		(void)close(p->stop_pipe[1]);
		(void)pthread_join(p->thread, NULL);
		(void)close(p->stop_pipe[0]);
	}
	port_fini(p);
}
