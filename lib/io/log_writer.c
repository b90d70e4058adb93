/*
 * log_writer.c - see log_writer.h. Two buffers: threads fill the front one, the writer takes it
 * away whole and gives its own empty one back.
 */
#include "io/log_writer.h"

#include "base/buf.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

/* Some hundred messages' lines: more than one gathering time brings, less than anybody misses. */
#define BUFFER_BYTES ((size_t)128 * 1024)

/* How long lines are gathered before they are written together. */
#define GATHER_NS (10L * 1000 * 1000)

/* What is kept before each line's text. */
struct entry {
	log_sink *sink;
	int priority;
	size_t n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static struct buf front, back;
static uint64_t dropped;
static struct entry last_dropped; /* where the count of them goes */
static bool running, stopping;
static pthread_t thread;

/* Writes one buffer out, joining the lines that go the same way. */
static void
write_out(const struct buf *b)
{
	static char joined_storage[BUFFER_BYTES];
	struct buf joined = BUF_OVER(joined_storage);
	struct entry last = {NULL, 0, 0}, e;

	for (size_t at = 0; at < b->n; at += sizeof(e) + e.n) {
		memcpy(&e, b->p + at, sizeof(e));
		if (last.sink != NULL && (e.sink != last.sink || e.priority != last.priority)) {
			last.sink(last.priority, buf_slice(&joined));
			buf_reset(&joined);
		}
		last = e;
		buf_add(&joined, slice_make(b->p + at + sizeof(e), e.n));
	}
	if (last.sink != NULL)
		last.sink(last.priority, buf_slice(&joined));
}

static void
dropped_say(uint64_t n, const struct entry *like)
{
	char storage[80];
	struct buf out = BUF_OVER(storage);

	buf_add_text(&out, "event=log_lines_dropped n=");
	buf_add_u64(&out, n);
	buf_add_char(&out, '\n');
	like->sink(like->priority, buf_slice(&out));
}

static void *
writer_run(void *arg)
{
	static const struct timespec gather = {0, GATHER_NS};
	bool go_on = true;

	(void)arg;
	while (go_on) {
		struct buf full;
		struct entry like;
		uint64_t lost;

		(void)pthread_mutex_lock(&lock);
		while (front.n == 0 && !stopping)
			(void)pthread_cond_wait(&filled, &lock);
		go_on = !stopping;
		(void)pthread_mutex_unlock(&lock);
		if (go_on)
			(void)nanosleep(&gather, NULL);

		(void)pthread_mutex_lock(&lock);
		full = front;
		front = back;
		lost = dropped;
		like = last_dropped;
		dropped = 0;
		(void)pthread_mutex_unlock(&lock);
		write_out(&full);
		if (lost > 0)
			dropped_say(lost, &like);
		buf_reset(&full);
		back = full;
	}
	return NULL;
}

static void
buffers_free(void)
{
	free(front.p);
	free(back.p);
	front.p = back.p = NULL;
}

int
log_writer_start(void)
{
	if (running)
		return 0;
	front = (struct buf){malloc(BUFFER_BYTES), 0, BUFFER_BYTES, false};
	back = (struct buf){malloc(BUFFER_BYTES), 0, BUFFER_BYTES, false};
	stopping = false;
	if (front.p == NULL || back.p == NULL ||
	    pthread_create(&thread, NULL, writer_run, NULL) != 0) {
		buffers_free();
		return -1;
	}
	(void)pthread_mutex_lock(&lock);
	running = true;
	(void)pthread_mutex_unlock(&lock);
	return 0;
}

void
log_writer_stop(void)
{
	if (!running)
		return;
	(void)pthread_mutex_lock(&lock);
	stopping = true;
	(void)pthread_cond_signal(&filled);
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_join(thread, NULL);
	(void)pthread_mutex_lock(&lock);
	running = false;
	write_out(&front); /* what came since the thread's last look */
	buffers_free();
	(void)pthread_mutex_unlock(&lock);
}

/* Into the front buffer, with the lock held. True when it is the first one there. */
static bool
entry_add(const struct entry *e, struct slice line)
{
	bool was_empty = front.n == 0;

	if (front.cap - front.n < sizeof(*e) + line.n) {
		dropped++;
		last_dropped = *e;
		return false;
	}
	buf_add(&front, slice_make((const char *)e, sizeof(*e)));
	buf_add(&front, line);
	return was_empty;
}

void
log_writer_put(log_sink *sink, int priority, struct slice line)
{
	struct entry e = {sink, priority, line.n};
	bool direct, first = false;

	(void)pthread_mutex_lock(&lock);
	direct = !running;
	if (!direct)
		first = entry_add(&e, line);
	(void)pthread_mutex_unlock(&lock);
	if (first) /* not before: whom it wakes wants the lock at once */
		(void)pthread_cond_signal(&filled);
	if (direct)
		sink(priority, line);
}
