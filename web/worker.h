/*
 * worker.h - a thread with an event loop of its own, which accepts connections and answers them. What
 * workers share is read-only, but for the table of bursts.
 */
#ifndef WEB_WORKER_H
#define WEB_WORKER_H

#include "conns.h"
#include "directory.h"
#include "held.h"
#include "meters.h"
#include "policy/hit_burst.h"
#include "state.h"
#include "unsubscriber.h"

#include <pthread.h>

/* Bounds on what a client may send: a token and what browsers and proxies say with it; a form. */
#define WEB_HEADER_BYTES 16384
#define WEB_BODY_BYTES   4096

/* A power of two. */
#define WEB_BURST_SHARDS 16

struct burst_shard {
	pthread_mutex_t lock;
	struct hit_burst table;
};

/* What all threads know. */
struct web {
	struct state *_Atomic state; /* the one in force */
	atomic_bool stopping;
	atomic_int_least64_t stop_ms; /* read when stopping: no longer than until then */
	struct burst_shard bursts[WEB_BURST_SHARDS];
	struct unsubscriber unsubscriber;
	struct worker *workers;
	size_t nworkers;
	struct crowd crowd;
};

/* A socket, and whether TLS is spoken there. */
struct web_socket {
	int fd;
	bool tls;
};

struct worker {
	struct web *web;
	pthread_t thread;
	bool running;
	struct event_base *base;
	struct evhttp *http, *https;
	struct event *tick;
	struct web_door {
		struct worker *worker;
		bool tls;
	} doors[2];
	struct conns conns;
	struct held held;
	struct wish *wishes; /* of those who wait to be told that they are unsubscribed */
	struct meters meters;
	struct state *_Atomic state;   /* in use here */
	atomic_int_least64_t alive_ms; /* when it was seen last */
	/* the rest is the thread's own */
	const struct account_book *book;
	struct accounts *book_of; /* to which it goes back */
	struct directory directory;
	int64_t now_ms; /* of the last tick */
	int64_t date_s;
	char date[40]; /* as HTTP has it */
	bool draining;
};

/* Makes a worker that serves those sockets, which stay the caller's. 0, or -1. */
int worker_init(struct worker *worker, struct web *web, const struct web_socket *sockets, size_t n,
    struct err *err);
int worker_start(struct worker *worker, struct err *err);

/* After web->stopping was set: waits for its end, and records what it holds. */
void worker_join(struct worker *worker);

/* After the unsubscriber's end, too. */
void worker_fini(struct worker *worker);

#endif
