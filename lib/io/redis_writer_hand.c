/*
 * redis_writer_hand.c - what a writer leaves to the one that follows.
 */
#include "io/redis_writer.h"

/* Counters that change hands at once. */
#define HAND_DELTAS 64

/* In their order: first what was on its way. */
static void
commands_hand(struct redis_writer *stopped, struct redis_writer *heir)
{
	struct redis_outbox *outbox = stopped->outbox;
	const char *p = outbox->bytes;
	size_t n;

	redis_outbox_settle(outbox);
	for (unsigned i = 0; i < outbox->n; i++) {
		redis_writer_push(heir, slice_make(p, outbox->item[i].n));
		p += outbox->item[i].n;
	}
	*outbox = (struct redis_outbox){.n = 0};
	while ((n = redis_queue_pop(&stopped->queue, outbox->bytes, sizeof(outbox->bytes))) > 0)
		redis_writer_push(heir, slice_make(outbox->bytes, n));
}

static void
counters_hand(struct redis_writer *stopped, struct redis_writer *heir)
{
	struct counter_delta deltas[HAND_DELTAS];
	size_t n;

	while ((n = store_counters_take(&stopped->counters, deltas, HAND_DELTAS)) > 0) {
		for (size_t i = 0; i < n; i++)
			store_counters_add(
			    &heir->counters, deltas[i].stat, deltas[i].unix_s, deltas[i].n);
	}
}

void
redis_writer_hand(struct redis_writer *stopped, struct redis_writer *heir)
{
	commands_hand(stopped, heir);
	counters_hand(stopped, heir);
}
