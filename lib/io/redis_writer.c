/*
 * redis_writer.c - see redis_writer.h.
 */
#include "io/redis_probe.h"
#include "io/redis_writer_parts.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define LINGER_MS     50   /* after the first command, for others to come along in its batch */
#define STOP_MS       2000 /* for the last batch */
#define STOP_RETRY_NS 100000000L

/* True while a batch that is not answered in time may still be: the connection is not broken, and
 * no other one showed since that the server answers. */
static bool
is_patient(struct redis_writer *w, const struct err *why)
{
	return why->code == ERR_TIMEOUT && redis_conn_is_open(&w->conn) && w->outbox->sent &&
	       w->sent_generation == atomic_load(&w->link->breaker.generation) &&
	       !deadline_passed(w->sent_until);
}

static void
work(struct redis_writer *w)
{
	unsigned generation;
	struct err why;

	for (unsigned tries = 0; tries < 2; tries++) {
		bool was_open = redis_conn_is_open(&w->conn);

		w->proved = false;
		if (redis_breaker_enter(&w->link->breaker, &generation, NULL) != 0 ||
		    redis_writer_exchange(w, &why) == 0)
			return;
		if (is_patient(w, &why))
			break;
		redis_conn_close(&w->conn);
		redis_outbox_settle(w->outbox);
		if (why.code == ERR_IO && !was_open && !w->proved)
			why.code = ERR_UNAVAILABLE;
		if (why.code != ERR_IO)
			break;
		/* The server closed one that was idle, or had worked: once more, on a new one. */
		if (w->proved)
			tries = 0;
	}
	redis_breaker_failed(&w->link->breaker, generation, &why);
}

static void
probe(struct redis_writer *w)
{
	int64_t retry_ms = w->link->target.conf.retry_ms;
	struct redis_conn conn = {.context = NULL};
	struct err why;

	if (!w->down)
		w->probe_at = deadline_in_ms(retry_ms);
	w->down = true;
	if (!deadline_passed(w->probe_at))
		return;
	(void)redis_address_resolve(&w->link->target.address, NULL);
	if (redis_probe(&conn, &w->link->target, redis_writer_until(w), &why) != 0) {
		redis_breaker_still(&w->link->breaker, &why, deadline_now_us());
		w->probe_at = deadline_in_ms(retry_ms);
		return;
	}
	if (redis_conn_is_open(&w->conn))
		redis_conn_close(&conn);
	else
		w->conn = conn;
	w->down = false;
	w->lists_at = deadline_in_ms(0);
	redis_breaker_recovered(&w->link->breaker);
}

/* Sleeps until there is something to do. */
static void
rest(struct redis_writer *w)
{
	if (redis_breaker_is_open(&w->link->breaker)) {
		struct deadline until = w->down ? w->probe_at : deadline_in_ms(0);

		redis_queue_wait(&w->queue, w->queue.cap, until);
		return;
	}
	redis_queue_wait(&w->queue, 0, deadline_sooner(w->flush_at, w->lists_at));
	if (redis_queue_used(&w->queue) > 0 && !redis_writer_is_stopping(w))
		redis_queue_wait(&w->queue, w->queue.cap / 4, deadline_in_ms(LINGER_MS));
}

/* Is anything left to write? */
static bool
is_owing(struct redis_writer *w)
{
	return w->outbox->n > 0 || redis_queue_used(&w->queue) > 0 ||
	       store_counters_any(&w->counters);
}

/* The last batches. A Redis that is away may be back within the time that there is. */
static void
finish(struct redis_writer *w)
{
	static const struct timespec pause = {0, STOP_RETRY_NS};

	w->flush_at = deadline_in_ms(0);
	for (work(w); is_owing(w) && !deadline_passed(w->stop_until); work(w)) {
		(void)nanosleep(&pause, NULL);
		if (redis_breaker_is_open(&w->link->breaker)) {
			w->down = true;
			w->probe_at = deadline_in_ms(0);
			probe(w);
		}
		w->flush_at = deadline_in_ms(0);
	}
}

static void *
writer_main(void *arg)
{
	struct redis_writer *w = arg;

	while (!redis_writer_is_stopping(w)) {
		if (redis_breaker_is_open(&w->link->breaker))
			probe(w);
		else
			work(w);
		if (!redis_writer_is_stopping(w))
			rest(w);
	}
	finish(w);
	return NULL;
}

static int
thread_start(struct redis_writer *w)
{
	sigset_t all, before;
	int status;

	/* signals are for the threads that wait for them */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&w->thread, NULL, writer_main, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

static void
writer_wake(void *arg)
{
	redis_queue_kick(&((struct redis_writer *)arg)->queue);
}

int
redis_writer_start(struct redis_writer *writer, struct redis_link *link, struct store_lists *lists,
    struct err *err)
{
	*writer = (struct redis_writer){.link = link, .lists = {.link = link, .lists = lists}};
	if (redis_queue_init(&writer->queue, (size_t)link->target.conf.queue_bytes, err) != 0)
		return -1;
	store_counters_init(&writer->counters);
	store_zones_init(&writer->zones);
	redis_consents_init(&writer->consents);
	writer->written_us = deadline_now_us();
	writer->down = redis_breaker_is_open(&link->breaker); /* inherited: probe at once */
	link->wake_arg = writer;
	link->wake = writer_wake;
	writer->outbox = calloc(1, sizeof(*writer->outbox));
	if (writer->outbox != NULL && thread_start(writer) == 0)
		return 0;
	free(writer->outbox);
	store_counters_fini(&writer->counters);
	store_zones_fini(&writer->zones);
	redis_consents_fini(&writer->consents);
	redis_queue_fini(&writer->queue);
	return err_set(err, ERR_NOMEM, "cannot start the thread that writes to Redis");
}

/* Since the last time that everything was written; counters wait a second by themselves. What was sent
 * and not answered counts as well, though Redis may have it. */
static void
loss_tell(struct redis_writer *w)
{
	int64_t seconds = (deadline_now_us() - w->written_us) / 1000000 + 1;
	size_t n = w->outbox->n + redis_queue_number(&w->queue);
	char storage[200];
	struct buf text = BUF_OVER(storage);

	buf_add_format(&text,
	    "Redis did not take what was left to write, %zu command%s%s: counts and events of the "
	    "last ",
	    n, n == 1 ? "" : "s", store_counters_any(&w->counters) ? " and counters" : "");
	buf_add_i64(&text, seconds);
	buf_add_text(&text, " seconds may be missing");
	w->link->notify.warning(w->link->notify.arg, buf_text(&text));
}

void
redis_writer_stop(struct redis_writer *writer)
{
	writer->stop_until = deadline_in_ms(STOP_MS);
	atomic_store_explicit(&writer->stopping, true, memory_order_release);
	redis_queue_kick(&writer->queue);
	(void)pthread_join(writer->thread, NULL);
}

void
redis_writer_fini(struct redis_writer *writer)
{
	if (is_owing(writer))
		loss_tell(writer);
	redis_conn_close(&writer->conn);
	free(writer->outbox);
	store_counters_fini(&writer->counters);
	store_zones_fini(&writer->zones);
	redis_consents_fini(&writer->consents);
	redis_queue_fini(&writer->queue);
}

void
redis_writer_push(struct redis_writer *writer, struct slice command)
{
	if (!redis_queue_push(&writer->queue, command))
		redis_writer_dropped(writer, 1);
}

void
redis_writer_offer(struct redis_writer *writer, struct slice command)
{
	if (redis_queue_used(&writer->queue) + command.n > writer->queue.cap / 2)
		redis_writer_dropped(writer, 1);
	else
		redis_writer_push(writer, command);
}
