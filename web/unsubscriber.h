/*
 * unsubscriber.h - who wants no more mail is told that it is done when Redis has recorded it, and not
 * before. A thread of its own asks Redis, for one after the other, so that nobody else has to wait.
 */
#ifndef WEB_UNSUBSCRIBER_H
#define WEB_UNSUBSCRIBER_H

#include "policy/hit.h"
#include "policy/suppression.h"

#include <pthread.h>
#include <stdatomic.h>

/* So many may wait at once, of all workers; the others are told at once to come again. */
#define UNSUBSCRIBE_WISHES 1000

/* So long nobody waits. What is still not asked for then never is. */
#define UNSUBSCRIBE_WAIT_MS 4000

struct conn;
struct state;
struct web;

enum wish_outcome {
	WISH_WAITS,
	WISH_KEPT, /* he is suppressed */
	WISH_LOST, /* nobody knows, most likely he is not */
};

/* Somebody wants no more. Of the worker that took it; while it waits, the thread's to read. */
struct wish {
	struct wish *queued; /* the next one that waits for the thread */
	atomic_int
	    outcome;    /* enum wish_outcome; when it is another than WAITS, why is there, too */
	struct err why; /* LOST */
	int64_t since_ms;
	char account[ACCOUNT_NAME_BYTES + 1];
	struct hit hit; /* its texts are behind */
	char target[SUPPRESSION_KEY_BYTES], agent[HIT_AGENT_BYTES];
	/* the worker's own */
	struct wish *behind;
	struct conn *conn; /* NULL: it is gone, or was answered */
	struct evhttp_request *req;
};

struct unsubscriber {
	struct web *web;
	pthread_t thread;
	bool running;
	struct state *_Atomic state; /* in use here */
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct wish *first, *last; /* under the lock, like the rest */
	size_t n;
	bool stopping;
};

/* 0, or -1. Before that, unsubscriber_stop() does nothing. */
int unsubscriber_start(struct unsubscriber *unsubscriber, struct web *web, struct err *err);

/* What waits is lost: the workers have ended. */
void unsubscriber_stop(struct unsubscriber *unsubscriber);

/* False: too many wait. */
bool unsubscriber_take(struct unsubscriber *unsubscriber, struct wish *wish);

#endif
