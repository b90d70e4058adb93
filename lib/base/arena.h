/*
 * arena.h - memory that is given back all at once: when a transaction, a connection or a
 * configuration ends. Nothing is freed one by one.
 *
 * An arena states its upper bound at init. Over the bound, or when the allocator says no, it
 * answers NULL and `failed` stays set until the next reset, so that a phase may check once at its
 * end. Memory comes zeroed and aligned for any type.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *first; /* kept over resets, so that a quiet arena allocates once */
	struct arena_chunk *last;
	size_t chunk_bytes;
	size_t max_bytes;
	size_t used_bytes; /* handed out since the last reset */
	bool failed;
};

/* chunk_bytes: how much is asked of malloc() at a time; max_bytes: never more than this in all.
 * Nothing is allocated yet. */
void arena_init(struct arena *a, size_t chunk_bytes, size_t max_bytes);

/* Forgets everything handed out; keeps one chunk for what comes next. */
void arena_reset(struct arena *a);

/* Gives all memory back. The arena may be used again as after init. */
void arena_fini(struct arena *a);

/* n zeroed bytes, or NULL. */
void *arena_alloc(struct arena *a, size_t n);

/* A copy with a NUL behind it (not counted in the slice), or a slice of NULL with n = 0. */
struct slice arena_copy(struct arena *a, struct slice s);

/* The same as a C string, or NULL. A NUL within s ends it early for C readers. */
const char *arena_text(struct arena *a, struct slice s);

#endif
