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

/*
 * Who shares the sockets, so that no sender whose names nobody answers takes the DNS from the others:
 * as long as less than half of them are taken, a batch may ask what it likes. From then on it may
 * have no more questions pending than an eighth of the sockets that slow questions leave over: 64
 * when there are none, 16 when they hold three quarters, nothing when they hold all, since what is
 * asked then would only wait behind them. What may not be asked is DNS_ASK_FULL at once, a temporary
 * error unless it is asked again when there is room. Kept answers, and questions that others have on
 * their way, are for everybody.
 */
#define DNS_BATCH_SHARE 8
#define DNS_SLOW_MS     2000 /* on their way for longer: slow */

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
	unsigned failures; /* in a row, up to DNS_DOWN_AFTER */
	size_t slow;       /* questions, up to DNS_SOCKETS, as slow_ms had it */
	int64_t slow_ms;   /* when they were last counted */
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
