/*
 * redis_writer.h - the background thread of a store: all that no mail waits for.
 *
 * Closed breaker: writes what is in the queue, in batches; adds the counters up in Redis every
 * second, and says how the DNS lists are; reads the operators' lists again. Open breaker: probes, with the writes of a session, so that a
 * server which answers but refuses to work is not taken for a working one.
 *
 * A batch stays until each of its commands is answered. When the connection breaks it is sent
 * again on the next one: at least once. While a server only stalls, the writer keeps the connection
 * and waits on, so that nothing is counted twice when the server wakes up. When it has lost the
 * scripts (SCRIPT FLUSH), they are loaded, and what called them is sent once more.
 */
#ifndef IO_REDIS_WRITER_H
#define IO_REDIS_WRITER_H

#include "io/redis_consent.h"
#include "io/redis_link.h"
#include "io/redis_lists.h"
#include "io/redis_outbox.h"
#include "io/redis_queue.h"
#include "io/store_counters.h"
#include "io/store_zones.h"

struct redis_writer {
	struct redis_link *link;
	struct redis_queue queue;
	struct store_counters counters;
	struct store_zones zones;
	struct redis_lists lists;
	struct redis_consents consents;
	atomic_uint_least64_t dropped; /* in all */
	pthread_t thread;
	atomic_bool stopping;
	struct deadline stop_until; /* read when stopping is true */
	/* the rest is the thread's own */
	struct redis_outbox *outbox;
	struct redis_conn conn;
	unsigned sent_generation;   /* of the breaker, when the batch was sent */
	struct deadline sent_until; /* no patience beyond this */
	struct deadline flush_at, lists_at, switch_at, probe_at;
	int64_t written_us; /* CLOCK_MONOTONIC: when all that there was had been written */
	bool proved;        /* a batch was answered since work() looked last */
	bool scriptless;    /* in the last batch Redis did not know a script … */
	bool reloaded;      /* … though they had been loaded for the one before */
	bool down;
	bool forbidden; /* the warning was given */
};

/* Starts the thread. The link must outlive it. 0, or -1 (ERR_NOMEM) with nothing to clean up. */
int redis_writer_start(struct redis_writer *writer, struct redis_link *link,
    struct store_lists *lists, struct err *err);

/* Writes what is left, for at most two seconds, also when Redis comes back only within them, and ends
 * the thread. */
void redis_writer_stop(struct redis_writer *writer);

/* What a writer that was stopped has left goes to another one of the same keys, to be written by it. */
void redis_writer_hand(struct redis_writer *stopped, struct redis_writer *heir);

/* After its stop. What is still left is lost, and the owner is told how much that is. */
void redis_writer_fini(struct redis_writer *writer);

/* Sends the command some time. When the queue is full it is dropped, and counted. */
void redis_writer_push(struct redis_writer *writer, struct slice command);

/* The same for what is large and of less use than the rest: gets half of the queue at most. */
void redis_writer_offer(struct redis_writer *writer, struct slice command);

#endif
