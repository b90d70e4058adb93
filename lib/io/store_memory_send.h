/*
 * store_memory_send.h - the part of store_memory that limits are kept by, and in tests suppressions.
 * Nothing here locks: the store does.
 */
#ifndef IO_STORE_MEMORY_SEND_H
#define IO_STORE_MEMORY_SEND_H

#include "io/memory_table.h"
#include "policy/ports.h"

struct memory_suppression;

/* All 0 to begin with. */
struct memory_send {
	struct memory_suppression *first;
	int64_t offset_us; /* from the monotonic clock to the wall clock */
};

void memory_send_fini(struct memory_send *send);

/* The wall clock in microseconds, though the port tells it in seconds: as fine as the monotonic
 * clock, within two seconds of the other. */
int64_t memory_send_now(struct memory_send *send, const struct clock_port *clock);

/* One question of send.h at that time; buckets and warmth are in the table. 0, or -1: no memory. */
int memory_send_step(struct memory_send *send, struct memory_table *table,
    const struct send_request *request, int64_t now_us, struct send_step *step_r);

/* Sets or takes away; see store_memory_suppress(). 0, or -1: no memory. */
int memory_send_suppress(struct memory_send *send, const char *account, const struct address *rcpt,
    const struct suppression *suppression);

#endif
