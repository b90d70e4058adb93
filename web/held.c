/*
 * held.c - see held.h.
 */
#include "held.h"

#include <stdalign.h>
#include <stdlib.h>

#define ALIGN alignof(struct held_hit)

int
held_init(struct held *held, size_t size)
{
	size -= size % ALIGN;
	*held = (struct held){.bytes = malloc(size), .size = size};
	return held->bytes == NULL ? -1 : 0;
}

void
held_fini(struct held *held)
{
	free(held->bytes);
}

/* Where n bytes in a row may be written, or NULL. What is left at the end is given up. */
static char *
room_find(struct held *held, size_t n)
{
	size_t tail = (held->head + held->used) % held->size;
	size_t rest = held->size - tail; /* to the end, when the free part begins there */

	if (n > held->size)
		return NULL;
	if (held->n == 0) {
		held->head = held->used = 0;
		return held->bytes;
	}
	if (held->size - held->used < n)
		return NULL;
	if (tail < held->head || rest >= n)
		return held->bytes + tail;
	if (held->size - held->used - rest < n)
		return NULL;
	if (rest >= sizeof(size_t))
		((struct held_hit *)(void *)(held->bytes + tail))->bytes = 0;
	held->used += rest;
	return held->bytes;
}

static struct slice
text_put(char **at, struct slice text)
{
	struct slice copy = slice_make(*at, text.n);

	if (text.n > 0)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return copy;
}

bool
held_push(struct held *held, const struct hit *hit, uint64_t key, int64_t when_ms)
{
	size_t n = sizeof(struct held_hit) + hit->target.n + hit->agent.n;
	struct held_hit *to;
	char *texts;

	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	to = (struct held_hit *)(void *)room_find(held, n);
	if (to == NULL)
		return false;
	*to = (struct held_hit){.bytes = n, .key = key, .when_ms = when_ms, .hit = *hit};
	texts = (char *)(to + 1);
	to->hit.target = text_put(&texts, hit->target);
	to->hit.agent = text_put(&texts, hit->agent);
	held->used += n;
	held->n++;
	return true;
}

const struct held_hit *
held_first(struct held *held)
{
	size_t rest = held->size - held->head;
	const struct held_hit *first;

	if (held->n == 0)
		return NULL;
	first = (const struct held_hit *)(const void *)(held->bytes + held->head);
	if (rest >= sizeof(size_t) && first->bytes != 0)
		return first;
	held->used -= rest;
	held->head = 0;
	return (const struct held_hit *)(const void *)held->bytes;
}

void
held_drop(struct held *held)
{
	size_t n = held_first(held)->bytes;

	held->head = (held->head + n) % held->size;
	held->used -= n;
	held->n--;
}
