/*
 * held.h - hits that wait until it shows whether they are part of a burst: a ring of bytes, the
 * oldest first, with a bound.
 */
#ifndef WEB_HELD_H
#define WEB_HELD_H

#include "policy/hit.h"

/* For each worker: about 40,000 hits. More than that within the delay are judged sooner. */
#define HELD_BYTES ((size_t)8 * 1024 * 1024)

struct held {
	char *bytes;
	size_t size;
	size_t head; /* where the oldest is */
	size_t used; /* bytes, with what is left unused at the end */
	size_t n;
};

struct held_hit {
	size_t bytes; /* with what follows it; 0: nothing more up to the end of the ring */
	uint64_t key; /* of the burst */
	int64_t when_ms;
	struct hit hit; /* its target and agent follow */
};

/* With room for so many bytes, of which the hits' structs are a part. 0, or -1: no memory. */
int held_init(struct held *held, size_t size);
void held_fini(struct held *held);

/* A copy of the hit; false when there is no room; for one that is larger than all of it, never. */
bool held_push(struct held *held, const struct hit *hit, uint64_t key, int64_t when_ms);

/* The oldest, until held_drop(); NULL: there is none. */
const struct held_hit *held_first(struct held *held);
void held_drop(struct held *held);

#endif
