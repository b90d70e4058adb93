/*
 * load_worker.h - one thread of a load run: an epoll set and the sessions in it.
 */
#ifndef BENCH_LOAD_WORKER_H
#define BENCH_LOAD_WORKER_H

#include "load_session.h"

#include <pthread.h>

struct load_pause {
	unsigned session;
	uint64_t until_ns;
};

struct load_worker {
	pthread_t thread;
	pthread_barrier_t *barrier; /* behind which all workers start at once */
	struct load_run run;
	struct load_session *sessions;
	unsigned n;
	int epoll;
	unsigned ready;  /* sessions that stand before their first transaction */
	unsigned active; /* sessions that are not done */
	bool started;
	bool broken; /* gave up */
	/* Sessions that pause: a ring in order of time, since the pause is the same for all. */
	struct load_pause *pauses;
	unsigned pauses_n, pauses_first;
	uint64_t began_ns, ended_ns;
};

/* The i-th worker's share of the sessions and the transactions. 0, or -1 when there is not enough
 * memory, or no file to be had. */
int load_worker_init(struct load_worker *w, const struct load_options *o, unsigned i);

/* For pthread_create(); arg: the worker. Runs until all is done, or nothing more can be. */
void *load_worker_main(void *arg);

/* Gives its memory back. */
void load_worker_fini(struct load_worker *w);

#endif
