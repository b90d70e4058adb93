/*
 * arena.c - see arena.h.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

struct arena_chunk {
	struct arena_chunk *next;
	size_t cap;
	size_t used;
	alignas(max_align_t) char bytes[];
};

void
arena_init(struct arena *a, size_t chunk_bytes, size_t max_bytes)
{
	assert(chunk_bytes > 0 && max_bytes >= chunk_bytes);
	*a = (struct arena){.chunk_bytes = chunk_bytes, .max_bytes = max_bytes};
}

static void
chunks_free(struct arena_chunk *chunk)
{
	while (chunk != NULL) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void
arena_reset(struct arena *a)
{
	if (a->first != NULL) {
		chunks_free(a->first->next);
		a->first->next = NULL;
		a->first->used = 0;
	}
	a->last = a->first;
	a->used_bytes = 0;
	a->failed = false;
}

void
arena_fini(struct arena *a)
{
	chunks_free(a->first);
	arena_init(a, a->chunk_bytes, a->max_bytes);
}

/* A chunk with room for n bytes at the end of the list, or NULL. */
static struct arena_chunk *
chunk_add(struct arena *a, size_t n)
{
	size_t cap = n > a->chunk_bytes ? n : a->chunk_bytes;
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + cap);

	if (chunk == NULL)
		return NULL;
	*chunk = (struct arena_chunk){.cap = cap};
	if (a->last == NULL)
		a->first = chunk;
	else
		a->last->next = chunk;
	a->last = chunk;
	return chunk;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_chunk *chunk = a->last;
	size_t step = alignof(max_align_t);
	void *memory;

	if (a->failed || n > a->max_bytes - a->used_bytes) {
		a->failed = true;
		return NULL;
	}
	n = (n + step - 1) / step * step;
	if (chunk == NULL || n > chunk->cap - chunk->used)
		chunk = chunk_add(a, n);
	if (chunk == NULL) {
		a->failed = true;
		return NULL;
	}
	memory = chunk->bytes + chunk->used;
	chunk->used += n;
	/* rounding may pass the bound by less than one step; the next call then fails */
	a->used_bytes = a->used_bytes + n < a->max_bytes ? a->used_bytes + n : a->max_bytes;
	return memset(memory, 0, n);
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	char *copy = s.n == SIZE_MAX ? NULL : arena_alloc(a, s.n + 1);

	if (copy == NULL)
		return (struct slice){NULL, 0};
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	return (struct slice){copy, s.n};
}

const char *
arena_text(struct arena *a, struct slice s)
{
	return arena_copy(a, s).p;
}
