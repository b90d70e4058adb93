/*
 * redis_queue.c - see redis_queue.h.
 */
#include "io/redis_queue.h"

#include "io/monotonic_cond.h"

#include <stdint.h>
#include <stdlib.h>

int
redis_queue_init(struct redis_queue *queue, size_t cap, struct err *err)
{
	*queue = (struct redis_queue){.cap = cap, .lock = PTHREAD_MUTEX_INITIALIZER};
	queue->bytes = malloc(cap);
	if (queue->bytes == NULL || monotonic_cond_init(&queue->filled) != 0) {
		free(queue->bytes);
		return err_set(err, ERR_NOMEM, "no memory for a queue of %zu bytes", cap);
	}
	return 0;
}

void
redis_queue_fini(struct redis_queue *queue)
{
	free(queue->bytes);
	(void)pthread_cond_destroy(&queue->filled);
	(void)pthread_mutex_destroy(&queue->lock);
}

/* Copies in behind what is there; round the end of the ring when need be. */
static void
ring_write(struct redis_queue *queue, const void *p, size_t n)
{
	size_t at = (queue->head + queue->used) % queue->cap;
	size_t first = n < queue->cap - at ? n : queue->cap - at;

	memcpy(queue->bytes + at, p, first);
	memcpy(queue->bytes, (const char *)p + first, n - first);
	queue->used += n;
}

/* Copies out n bytes that begin `skip` behind the head, and leaves them there. */
static void
ring_peek(const struct redis_queue *queue, size_t skip, void *p, size_t n)
{
	size_t at = (queue->head + skip) % queue->cap;
	size_t first = n < queue->cap - at ? n : queue->cap - at;

	memcpy(p, queue->bytes + at, first);
	memcpy((char *)p + first, queue->bytes, n - first);
}

bool
redis_queue_push(struct redis_queue *queue, struct slice command)
{
	uint32_t n = (uint32_t)command.n;
	bool fits;

	(void)pthread_mutex_lock(&queue->lock);
	fits = command.n > 0 && command.n < queue->cap &&
	       command.n + sizeof(n) <= queue->cap - queue->used;
	if (fits) {
		bool asleep = queue->used <= queue->wanted;

		ring_write(queue, &n, sizeof(n));
		ring_write(queue, command.p, command.n);
		queue->n++;
		if (asleep && queue->used > queue->wanted)
			(void)pthread_cond_signal(&queue->filled);
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return fits;
}

size_t
redis_queue_pop(struct redis_queue *queue, char *out, size_t room)
{
	uint32_t n = 0;

	(void)pthread_mutex_lock(&queue->lock);
	if (queue->used > 0)
		ring_peek(queue, 0, &n, sizeof(n));
	if (n > room)
		n = 0;
	if (n > 0) {
		ring_peek(queue, sizeof(n), out, n);
		queue->head = (queue->head + sizeof(n) + n) % queue->cap;
		queue->used -= sizeof(n) + n;
		queue->n--;
		if (queue->used == 0)
			queue->head = 0;
	}
	(void)pthread_mutex_unlock(&queue->lock);
	return n;
}

size_t
redis_queue_used(struct redis_queue *queue)
{
	size_t used;

	(void)pthread_mutex_lock(&queue->lock);
	used = queue->used;
	(void)pthread_mutex_unlock(&queue->lock);
	return used;
}

size_t
redis_queue_number(struct redis_queue *queue)
{
	size_t n;

	(void)pthread_mutex_lock(&queue->lock);
	n = queue->n;
	(void)pthread_mutex_unlock(&queue->lock);
	return n;
}

void
redis_queue_wait(struct redis_queue *queue, size_t bytes, struct deadline until)
{
	struct timespec at = deadline_timespec(until);
	int status = 0;

	(void)pthread_mutex_lock(&queue->lock);
	queue->wanted = bytes;
	while (queue->used <= bytes && !queue->kicked && status == 0)
		status = pthread_cond_timedwait(&queue->filled, &queue->lock, &at);
	queue->kicked = false;
	queue->wanted = queue->cap; /* awake: nobody need signal */
	(void)pthread_mutex_unlock(&queue->lock);
}

void
redis_queue_kick(struct redis_queue *queue)
{
	(void)pthread_mutex_lock(&queue->lock);
	queue->kicked = true;
	(void)pthread_cond_signal(&queue->filled);
	(void)pthread_mutex_unlock(&queue->lock);
}
