/*
 * newest.c - see newest.h.
 */
#include "newest.h"

#include <stdlib.h>

#define ROOM_AT_FIRST 64

void
newest_init(struct newest *newest, size_t max)
{
	*newest = (struct newest){.max = max};
}

void
newest_fini(struct newest *newest)
{
	for (size_t i = 0; i < newest->n; i++)
		free(newest->v[i].thing);
	free(newest->v);
}

bool
newest_wants(const struct newest *newest, int64_t when)
{
	return newest->n < newest->max || when > newest->v[0].when;
}

/* Moves the item at i down to where no older one is below it. */
static void
sink(struct newest *newest, size_t i)
{
	for (;;) {
		size_t oldest = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < newest->n; child++) {
			if (newest->v[child].when < newest->v[oldest].when)
				oldest = child;
		}
		if (oldest == i)
			return;
		struct newest_item kept = newest->v[i];
		newest->v[i] = newest->v[oldest];
		newest->v[oldest] = kept;
		i = oldest;
	}
}

static void
rise(struct newest *newest, size_t i)
{
	while (i > 0 && newest->v[i].when < newest->v[(i - 1) / 2].when) {
		struct newest_item kept = newest->v[i];

		newest->v[i] = newest->v[(i - 1) / 2];
		newest->v[(i - 1) / 2] = kept;
		i = (i - 1) / 2;
	}
}

int
newest_put(struct newest *newest, int64_t when, void *thing)
{
	if (newest->n == newest->max) {
		free(newest->v[0].thing);
		newest->v[0] = (struct newest_item){when, thing};
		sink(newest, 0);
		return 0;
	}
	if (newest->n == newest->room) {
		size_t room = newest->room == 0 ? ROOM_AT_FIRST : newest->room * 2;
		struct newest_item *v = realloc(newest->v, room * sizeof(*v));

		if (v == NULL) {
			free(thing);
			return -1;
		}
		newest->v = v;
		newest->room = room;
	}
	newest->v[newest->n] = (struct newest_item){when, thing};
	rise(newest, newest->n++);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	int64_t left = ((const struct newest_item *)a)->when;
	int64_t right = ((const struct newest_item *)b)->when;

	return (left < right) - (left > right);
}

void
newest_sort(struct newest *newest)
{
	if (newest->n > 1)
		qsort(newest->v, newest->n, sizeof(newest->v[0]), compare);
}
