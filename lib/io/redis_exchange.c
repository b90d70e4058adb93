/*
 * redis_exchange.c - what the writer writes and reads when Redis works: one batch after the other,
 * then the lists.
 */
#include "io/redis_writer_parts.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/redis_zone.h"

#define FLUSH_MS    1000  /* counters are this old at most */
#define SWITCH_MS   500   /* and at every flush: how soon a DNS list is off that is switched off */
#define STEP_MS     2000  /* the longest that one exchange may take, whatever `timeout` says */
#define SLICE_MS    200   /* how soon a waiting writer sees that it is to stop */
#define PATIENCE_MS 30000 /* with a silent connection, when others answer */

/* Counters in one batch: with an EXPIRE for each hour they fit an empty outbox. */
#define FLUSH_DELTAS 200
_Static_assert(FLUSH_DELTAS + COUNTERS_HOURS <= REDIS_OUTBOX_ITEMS &&
		   (FLUSH_DELTAS + COUNTERS_HOURS) * 200 <= REDIS_OUTBOX_BYTES,
    "a flush fits an outbox");

#define STAT_TTL_S INT64_C(7776000) /* 90 days */

bool
redis_writer_is_stopping(struct redis_writer *w)
{
	return atomic_load_explicit(&w->stopping, memory_order_acquire);
}

struct deadline
redis_writer_until(struct redis_writer *w)
{
	int64_t timeout_ms = w->link->target.conf.timeout_ms;

	if (redis_writer_is_stopping(w))
		return w->stop_until;
	return deadline_in_ms(timeout_ms < STEP_MS ? timeout_ms : STEP_MS);
}

void
redis_writer_dropped(struct redis_writer *w, int64_t n)
{
	if (n <= 0)
		return;
	(void)atomic_fetch_add(&w->dropped, (uint_least64_t)n);
	store_counters_add(&w->counters, STAT_EVENTS_DROPPED, (int64_t)time(NULL), n);
}

/* HINCRBY KEY COUNTER n, or EXPIRE KEY ttl when stat is STAT_COUNT. */
static void
counter_add(struct redis_writer *w, const struct counter_delta *d, unsigned stat)
{
	char key_storage[REDIS_PREFIX_BYTES + 32], storage[256];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	redis_key_stat(&key, w->link->target.conf.prefix, d->unix_s);
	redis_command_begin(&out, stat < STAT_COUNT ? 4 : 3);
	redis_command_text(&out, stat < STAT_COUNT ? "HINCRBY" : "EXPIRE");
	redis_command_word(&out, buf_slice(&key));
	if (stat < STAT_COUNT)
		redis_command_text(&out, stat_name(stat));
	redis_command_number(&out, stat < STAT_COUNT ? d->n : STAT_TTL_S);
	(void)redis_outbox_add(w->outbox, buf_slice(&out));
}

/* Moves counters into the empty outbox, when it is time. */
static void
fill_counters(struct redis_writer *w)
{
	struct counter_delta deltas[FLUSH_DELTAS];
	size_t n;

	if (w->outbox->n > 0 || !deadline_passed(w->flush_at))
		return;
	redis_writer_dropped(w, store_counters_lost(&w->counters));
	n = store_counters_take(&w->counters, deltas, FLUSH_DELTAS);
	for (size_t i = 0; i < n; i++) {
		counter_add(w, &deltas[i], deltas[i].stat);
		if (i + 1 == n || deltas[i + 1].unix_s != deltas[i].unix_s)
			counter_add(w, &deltas[i], STAT_COUNT);
	}
	if (n < FLUSH_DELTAS) /* else there may be more: at once */
		w->flush_at = deadline_in_ms(FLUSH_MS);
}

/* Moves what is known of DNS lists into the outbox, as much as fits. */
static void
fill_zones(struct redis_writer *w)
{
	const char *prefix = w->link->target.conf.prefix;
	struct dnsbl_note note;

	while (w->outbox->n + REDIS_ZONE_COMMANDS <= REDIS_OUTBOX_ITEMS &&
	       redis_outbox_room(w->outbox).n >= REDIS_ZONE_BYTES &&
	       store_zones_take(&w->zones, &note)) {
		for (unsigned i = 0; i < REDIS_ZONE_COMMANDS; i++) {
			char storage[REDIS_ZONE_BYTES];
			struct buf out = BUF_OVER(storage);

			if (redis_zone_command(&out, prefix, &note, i))
				(void)redis_outbox_add(w->outbox, buf_slice(&out));
		}
	}
}

/* Puts into the outbox what there is to send, unless it is on its way already. */
static void
fill(struct redis_writer *w)
{
	struct redis_outbox *outbox = w->outbox;
	size_t n = 1;

	if (outbox->sent)
		return;
	fill_counters(w);
	fill_zones(w);
	while (n > 0 && outbox->n < REDIS_OUTBOX_ITEMS) {
		n = redis_queue_pop(
		    &w->queue, outbox->bytes + outbox->used, sizeof(outbox->bytes) - outbox->used);
		if (n > 0)
			(void)redis_outbox_add(outbox, slice_make(outbox->bytes + outbox->used, n));
	}
}

/* A right that misses for one command in the background, as after an update that brought it, is no
 * reason to do without Redis: what sessions and probes need works. Said once. */
static bool
is_forbidden(struct redis_writer *w, const redisReply *reply, const struct err *why)
{
	char storage[ERR_TEXT_BYTES + 100];
	struct buf text = BUF_OVER(storage);

	if (reply->type != REDIS_REPLY_ERROR ||
	    !slice_starts(slice_make(reply->str, reply->len), slice_of("NOPERM")))
		return false;
	buf_add_format(&text, "%s; such commands are dropped: see Rights in redis.md", why->text);
	if (!w->forbidden)
		w->link->notify.warning(w->link->notify.arg, buf_text(&text));
	w->forbidden = true;
	return true;
}

/* Redis does not know the script that is called, and may be given it. A server that has lost it
 * again by the next batch would take that for ever. */
static bool
is_scriptless(struct redis_writer *w, const redisReply *reply)
{
	if (w->reloaded || !redis_reply_is_noscript(reply))
		return false;
	w->scriptless = true;
	return true;
}

/* Takes one answer: what a server refuses that does not work is sent again, so is what calls a script
 * that it has lost; what it does not like is dropped. -1 in the first case. */
static int
answer_take(struct redis_writer *w, redisReply *reply, struct err *err)
{
	struct err why;
	int status = redis_reply_check(reply, &why);
	bool refused = status != 0 && why.code == ERR_UNAVAILABLE && !is_forbidden(w, reply, &why);
	bool again = refused || is_scriptless(w, reply);

	redis_outbox_answer(w->outbox, !again);
	if (status != 0 && !again)
		redis_writer_dropped(w, 1);
	freeReplyObject(reply);
	return refused ? err_set(err, why.code, "%s", why.text) : 0;
}

/* Waits for the answers to the batch. -1 with ERR_TIMEOUT leaves it on its way. */
static int
await(struct redis_writer *w, struct err *err)
{
	struct deadline until = redis_writer_until(w);
	int status = 0;

	while (w->outbox->answered < w->outbox->n) {
		bool stopping = redis_writer_is_stopping(w);
		redisReply *reply;
		int got = redis_conn_poll(
		    &w->conn, &reply, deadline_sooner(until, deadline_in_ms(SLICE_MS)), err);

		if (got < 0)
			return -1;
		if (got > 0 && answer_take(w, reply, err) != 0)
			status = -1;
		if (got > 0 || stopping != redis_writer_is_stopping(w))
			until = redis_writer_until(w);
		else if (deadline_passed(until))
			return err_set(err, ERR_TIMEOUT, "no answer from Redis in time");
	}
	redis_outbox_settle(w->outbox);
	if (status == 0) {
		w->proved = true;
		redis_breaker_passed(&w->link->breaker);
	}
	return status;
}

/* After a batch of which something called a script that Redis had lost. */
static int
scripts_renew(struct redis_writer *w, struct err *err)
{
	w->reloaded = w->scriptless;
	return w->scriptless ? redis_conn_load(&w->conn, redis_writer_until(w), err) : 0;
}

/* Opens the connection when need be, and sends the batch when it is not on its way. */
static int
batch_send(struct redis_writer *w, struct err *err)
{
	struct deadline until = redis_writer_until(w);

	if (w->outbox->sent)
		return 0;
	if (redis_conn_send(&w->conn, redis_outbox_bytes(w->outbox), until, err) != 0)
		return -1;
	w->outbox->sent = true;
	w->scriptless = false;
	w->sent_until = deadline_in_ms(PATIENCE_MS);
	w->sent_generation = atomic_load(&w->link->breaker.generation);
	return 0;
}

/* The one list that must be in force at once is read more often, where there is use for it. */
static int
switches_refresh(struct redis_writer *w, struct err *err)
{
	if (!deadline_passed(w->switch_at) || !store_zones_used(&w->zones))
		return 0;
	w->switch_at = deadline_in_ms(SWITCH_MS);
	return redis_lists_refresh_one(
	    &w->lists, &w->conn, STORE_DNSBL_OFF, redis_writer_until(w), err);
}

static int
lists_refresh(struct redis_writer *w, struct err *err)
{
	if (redis_writer_is_stopping(w))
		return 0;
	if (!deadline_passed(w->lists_at))
		return switches_refresh(w, err);
	if (redis_lists_refresh(&w->lists, &w->conn, redis_writer_until(w), err) != 0 ||
	    redis_consents_refresh(&w->consents, w->link, &w->conn, redis_writer_until(w), err) !=
		0)
		return -1;
	w->lists_at = deadline_in_ms(w->link->target.conf.lists_refresh_ms);
	redis_breaker_passed(&w->link->breaker);
	return 0;
}

int
redis_writer_exchange(struct redis_writer *w, struct err *err)
{
	if (!redis_conn_is_open(&w->conn) &&
	    redis_conn_open(&w->conn, &w->link->target, redis_writer_until(w), err) != 0)
		return -1;
	for (fill(w); w->outbox->n > 0; fill(w)) {
		if (batch_send(w, err) != 0 || await(w, err) != 0 || scripts_renew(w, err) != 0)
			return -1;
	}
	w->written_us = deadline_now_us();
	return lists_refresh(w, err);
}
