/*
 * redis_outbox.c - see redis_outbox.h.
 */
#include "io/redis_outbox.h"

#include <assert.h>

struct slice
redis_outbox_room(const struct redis_outbox *outbox)
{
	size_t n = sizeof(outbox->bytes) - outbox->used;

	return slice_make(
	    outbox->bytes + outbox->used, outbox->n < REDIS_OUTBOX_ITEMS && !outbox->sent ? n : 0);
}

bool
redis_outbox_add(struct redis_outbox *outbox, struct slice command)
{
	struct slice room = redis_outbox_room(outbox);

	if (command.n > room.n)
		return false;
	if (command.p != room.p)
		memcpy(outbox->bytes + outbox->used, command.p, command.n);
	outbox->used += command.n;
	outbox->item[outbox->n].n = (uint32_t)command.n;
	outbox->item[outbox->n].done = false;
	outbox->n++;
	return true;
}

struct slice
redis_outbox_bytes(const struct redis_outbox *outbox)
{
	return slice_make(outbox->bytes, outbox->used);
}

void
redis_outbox_answer(struct redis_outbox *outbox, bool done)
{
	assert(outbox->sent && outbox->answered < outbox->n);
	outbox->item[outbox->answered++].done = done;
}

void
redis_outbox_settle(struct redis_outbox *outbox)
{
	size_t from = 0, to = 0;
	unsigned kept = 0;

	for (unsigned i = 0; i < outbox->n; i++) {
		size_t n = outbox->item[i].n;

		if (!outbox->item[i].done) {
			memmove(outbox->bytes + to, outbox->bytes + from, n);
			outbox->item[kept++] = outbox->item[i];
			to += n;
		}
		from += n;
	}
	outbox->n = kept;
	outbox->used = to;
	outbox->answered = 0;
	outbox->sent = false;
}
