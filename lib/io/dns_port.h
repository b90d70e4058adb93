/*
 * dns_port.h - what dns.c (batches) and dns_thread.c (libunbound) share.
 *
 * A question's way: ask() finds its entry in the cache, or adds one and hands it to the thread's
 * context. libunbound calls back within the thread; the entry is settled, and who waits for it is
 * woken. Nobody cancels: when a batch ends before its answers are there, it takes its waiters off
 * the entries, and the answers come for the next who asks. (ub_cancel() would not spare the work
 * either: it only hides the result.)
 *
 * One lock guards all that changes. libunbound's own locks come after it: it holds none while it
 * calls back.
 */
#ifndef IO_DNS_PORT_H
#define IO_DNS_PORT_H

#include "io/dns_cache.h"
#include "io/dns_context.h"

#include <pthread.h>

/* Questions on their way at once: a burst of sessions. Each takes some 11 kB, most in libunbound. */
#define DNS_FLIGHT_MAX 4096

/* When as many as there are sockets have been on their way for longer than this, what more is asked
 * would only wait behind them. */
#define DNS_SLOW_MS 2000

/* Temporary errors and vain waits in a row that mean that the resolver is lost. */
#define DNS_DOWN_AFTER 20

enum dns_thread_state {
	DNS_THREAD_NONE,    /* nobody has asked yet */
	DNS_THREAD_OPENING, /* questions wait in the cache's flight */
	DNS_THREAD_READY,
	DNS_THREAD_FAILED, /* no context; it is tried again */
};

struct dns_thread {
	enum dns_thread_state state;
	pthread_t id;
	int stop_pipe[2]; /* closing the second ends the thread */
	struct ub_ctx *ctx;
};

struct dns_unbound {
	struct dns port; /* first: a pointer to it is a pointer to the whole */
	struct dns_settings settings;
	struct dns_notify notify;

	pthread_mutex_t lock; /* of what follows */
	struct dns_cache cache;
	struct dns_thread thread;
	struct dns_counts counts;
	unsigned failures;  /* in a row, up to DNS_DOWN_AFTER */
	bool crowded;       /* as crowded_ms had it */
	int64_t crowded_ms; /* when it was last looked at */
};

/* Hands an entry in flight to libunbound; starts the thread when it does not run. May settle it at
 * once. With the lock. */
void dns_thread_submit(struct dns_unbound *self, struct dns_entry *entry);

/* Ends the thread, if there is one. Without the lock. */
void dns_thread_stop(struct dns_unbound *self);

/* The entry lands with that answer, and who waits is woken. why: of a temporary error. With the
 * lock. */
void dns_port_settle(struct dns_unbound *self, struct dns_entry *entry,
    const struct dns_answer *answer, size_t bytes, const char *why);

int64_t dns_now_ms(void);

#endif
