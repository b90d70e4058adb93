/*
 * meters.h - what is counted for Prometheus. Each worker has its own, which it alone changes; others
 * read them at any time.
 */
#ifndef WEB_METERS_H
#define WEB_METERS_H

#include "policy/hit.h"

#include <stdatomic.h>

typedef atomic_uint_least64_t meter;

enum meter_request {
	METER_OPEN,
	METER_CLICK,
	METER_PAGE, /* the unsubscribe page is looked at */
	METER_UNSUBSCRIBE,
	METER_OTHER,
	METER_REQUESTS,
};

/* The codes that we answer with; others count as the last. What evhttp refuses by itself, because it is
 * too large or no HTTP, it tells nobody of: such requests are in no count but that of connections. */
#define METER_CODES 7
extern const int meter_codes[METER_CODES];

enum meter_close {
	METER_CLOSE_IDLE,    /* after keep_alive */
	METER_CLOSE_SLOW,    /* after request_timeout */
	METER_CLOSE_CROWDED, /* idle, and others came */
	METER_CLOSE_REFUSED, /* nobody was idle */
	METER_CLOSES,
};

#define METER_TOKENS (TOKEN_NO_MEMORY + 1)

struct meters {
	meter requests[METER_REQUESTS][METER_CODES];
	meter tokens[METER_TOKENS];
	meter other_host;
	meter hits[HIT_UNSUBSCRIBED + 1][HIT_UNKNOWN + 1];
	meter unknown_account; /* hits that could not be recorded for that */
	meter hurried;         /* hits that were recorded before their time, for want of room */
	meter held;            /* now */
	meter connections;     /* now */
	meter accepted;
	meter closed[METER_CLOSES];
};

static inline void
meter_add(meter *m, uint64_t n)
{
	/* one writer only: no locked instruction */
	atomic_store_explicit(
	    m, atomic_load_explicit(m, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void
meter_set(meter *m, uint64_t n)
{
	atomic_store_explicit(m, n, memory_order_relaxed);
}

/* The index of that code in meter_codes. */
size_t meter_code(int code);

/* Adds what `from` has to *sum. */
void meters_sum(struct meters *sum, const struct meters *from);

/* Appends them as Prometheus reads them. */
void meters_format(const struct meters *meters, struct buf *out);

/* One gauge or counter: "# HELP", "# TYPE", and the value. */
void meter_format(
    struct buf *out, const char *name, const char *type, const char *help, uint64_t value);

#endif
