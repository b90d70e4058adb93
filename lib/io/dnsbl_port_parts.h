/*
 * dnsbl_port_parts.h - what dnsbl_port.c (who asks) and dnsbl_watch.c (the thread's work) share;
 * nobody else includes it.
 *
 * One lock guards the health of all zones; it is held for some nanoseconds at a time, and never
 * while somebody is called. Whether a zone may be used is beside that an atomic, since every
 * session asks.
 */
#ifndef IO_DNSBL_PORT_PARTS_H
#define IO_DNSBL_PORT_PARTS_H

#include "io/dnsbl_port.h"

#include <pthread.h>
#include <stdatomic.h>

struct dnsbl_watched {
	struct dnsbl_health health; /* under the lock */
	bool changed;               /* under the lock: since the last note */
	atomic_bool usable;
	struct dnsbl_limits limits;
	int64_t noted_ms; /* the thread's */
	bool asked;       /* the thread's: its canaries are on their way */
};

struct dnsbl_zones {
	struct dnsbl_port port; /* first: a pointer to it is a pointer to the whole */
	struct dnsbl_setup setup;
	char host[64];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping; /* under the lock */
	bool retired;  /* under the lock: another port looks after the zones now */
	bool started;
	struct dnsbl_zones *before; /* until started, when it retires */
	pthread_t thread;
	/* the thread's */
	struct lookup lookup;
	bool asking;
	int64_t asked_ms;
	size_t n;
	struct dnsbl_watched zones[];
};

static inline struct dnsbl_zones *
dnsbl_zones_of(struct dnsbl_port *port)
{
	return (struct dnsbl_zones *)(void *)port;
}

/* What is told after the lock was given back. */
struct dnsbl_told {
	bool changed;
	struct dnsbl_change change;
	char detail[DNSBL_CODES_BYTES];
};

struct dnsbl_time dnsbl_zones_now(const struct dnsbl_zones *self);

/* After every call that may have changed the health. With the lock. */
void dnsbl_zones_changed(
    struct dnsbl_zones *self, size_t i, bool changed, struct dnsbl_told *told_r);

/* Without the lock. */
void dnsbl_zones_tell(const struct dnsbl_zones *self, const struct dnsbl_told *told);

/* Reads a flag under the lock. */
bool dnsbl_zones_flag(struct dnsbl_zones *self, const bool *flag);

/* Tells the store; all: whatever there is, since it is the last time. */
void dnsbl_zones_note(struct dnsbl_zones *self, bool all);

#endif
