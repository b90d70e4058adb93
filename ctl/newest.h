/*
 * newest.h - the newest N of many, in the memory of N.
 */
#ifndef CTL_NEWEST_H
#define CTL_NEWEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct newest_item {
	int64_t when;
	void *thing; /* from malloc(): freed when newer ones crowd it out, and at the end */
};

struct newest {
	struct newest_item *v; /* a heap: the oldest first */
	size_t n;
	size_t room;
	size_t max;
};

/* max: how many are kept, at least 1. */
void newest_init(struct newest *newest, size_t max);
void newest_fini(struct newest *newest);

/* True when a thing of that time would be kept: a copy is worth making. */
bool newest_wants(const struct newest *newest, int64_t when);

/* Keeps it; it belongs to newest from then on. -1: no memory. */
int newest_put(struct newest *newest, int64_t when, void *thing);

/* Brings v into order, the newest first. Nothing may be put after that. */
void newest_sort(struct newest *newest);

#endif
