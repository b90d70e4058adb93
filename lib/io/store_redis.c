/*
 * store_redis.c - see store_redis.h: the domain's words put into Redis's.
 */
#include "io/store_redis.h"

#include "io/redis_command.h"
#include "io/redis_event.h"
#include "io/redis_grey.h"
#include "io/redis_hit.h"
#include "io/redis_key.h"
#include "io/redis_send.h"
#include "io/redis_sent.h"
#include "io/redis_suppress_step.h"
#include "io/redis_writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* How often store_redis_warm() looks. */
#define WARM_POLL_NS 1000000

/* What the commands of a usual question need; more than that is allocated. */
#define SEND_BYTES 8192

/* An MTA may know at once that it cannot deliver a message, before the writer has told Redis of it,
 * which it does LINGER_MS later. For a message that is not kept any more, nobody waits longer. */
#define SENT_TRIES   6
#define SENT_POLL_NS 80000000

struct store_redis {
	struct store store; /* first: a struct store * is one of these */
	struct redis_link link;
	struct redis_writer writer;
	struct store_lists lists;
	struct redis_events events;
	/* a row of those that took each other's place, and are not freed yet: under `row` */
	struct store_redis *before, *heir;
	uint64_t inherited; /* of what `before` dropped, what is in writer.dropped here */
};

/* Stores are freed in any order, by any thread. */
static pthread_mutex_t row = PTHREAD_MUTEX_INITIALIZER;

struct step_talk {
	struct redis_grey grey;
	struct grey_step *step;
};

static struct store_redis *
redis_of(struct store *store)
{
	return (struct store_redis *)(void *)store;
}

static int
step_talk(struct redis_conn *conn, void *arg, struct deadline until, struct err *err)
{
	struct step_talk *talk = arg;

	return redis_grey_step(conn, &talk->grey, talk->step, until, err);
}

static int
redis_grey_ask(struct store *store, const struct grey_request *request, struct grey_step *step_r,
    struct err *err)
{
	struct store_redis *redis = redis_of(store);
	const char *prefix = redis->link.target.conf.prefix;
	char tuple[REDIS_KEY_BYTES], known[REDIS_KEY_BYTES], met[REDIS_KEY_BYTES];
	struct buf tuple_key = BUF_OVER(tuple);
	struct buf known_key = BUF_OVER(known);
	struct buf met_key = BUF_OVER(met);
	struct step_talk talk = {{.windows = request->windows}, step_r};

	redis_key_grey(&tuple_key, prefix, request->key);
	redis_key_known(&known_key, prefix, request->key);
	if (request->met_local != NULL && request->met_remote != NULL)
		redis_key_met(&met_key, prefix, request->met_local, request->met_remote);
	talk.grey.tuple_key = buf_slice(&tuple_key);
	talk.grey.known_key = buf_slice(&known_key);
	talk.grey.met_key = buf_slice(&met_key);
	return redis_link_ask(&redis->link, step_talk, &talk, err);
}

static bool
redis_has_network(struct store *store, enum store_list list, const struct net_addr *addr)
{
	return store_lists_has_network(&redis_of(store)->lists, list, addr);
}

static bool
redis_has_address(struct store *store, enum store_list list, const struct address *addr)
{
	return store_lists_has_address(&redis_of(store)->lists, list, addr);
}

static bool
redis_has_name(struct store *store, enum store_list list, struct slice name)
{
	return store_lists_has_name(&redis_of(store)->lists, list, name);
}

static void
redis_note_zone(struct store *store, const struct dnsbl_note *note)
{
	store_zones_put(&redis_of(store)->writer.zones, note);
}

static void
redis_met(
    struct store *store, const struct address *local, const struct address *remote, int64_t ttl_s)
{
	struct store_redis *redis = redis_of(store);
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 128];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	if (ttl_s <= 0)
		return;
	redis_key_met(&key, redis->link.target.conf.prefix, local, remote);
	redis_command_begin(&out, 5);
	redis_command_text(&out, "SET");
	redis_command_word(&out, buf_slice(&key));
	redis_command_number(&out, (int64_t)time(NULL));
	redis_command_text(&out, "EX");
	redis_command_number(&out, ttl_s);
	redis_writer_push(&redis->writer, buf_slice(&out));
}

static void
redis_count(struct store *store, unsigned stat, int64_t unix_s, int64_t n)
{
	store_counters_add(&redis_of(store)->writer.counters, stat, unix_s, n);
}

static void
redis_record(struct store *store, const struct record *record, int64_t keep)
{
	redis_event_record(&redis_of(store)->events, record, keep);
}

struct send_talk {
	struct redis_send send;
	struct send_step *step;
};

static int
send_talk(struct redis_conn *conn, void *arg, struct deadline until, struct err *err)
{
	struct send_talk *talk = arg;

	return redis_send_step(conn, &talk->send, talk->step, until, err);
}

static int
redis_send_ask(struct store *store, const struct send_request *request, struct send_step *step_r,
    struct err *err)
{
	struct store_redis *redis = redis_of(store);
	struct send_talk talk = {{.request = request}, step_r};
	char usual[SEND_BYTES];
	int status;

	*step_r = (struct send_step){.which = 0};
	if (!send_is_question(request))
		return 0;
	if (request->nrcpts > SEND_RCPTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d recipients at once", SEND_RCPTS_MAX);
	talk.send.prefix = redis->link.target.conf.prefix;
	talk.send.room = redis_send_bytes(request);
	talk.send.storage = talk.send.room <= sizeof(usual) ? usual : malloc(talk.send.room);
	if (talk.send.storage == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a question to Redis");
	status = redis_link_ask(&redis->link, send_talk, &talk, err);
	if (talk.send.storage != usual)
		free(talk.send.storage);
	return status;
}

static void
redis_event(struct store *store, const struct event *event, const struct event_terms *terms)
{
	redis_event_add(&redis_of(store)->events, event, terms);
}

static void
redis_message(struct store *store, const struct event *sent, const struct address *const *rcpts,
    size_t nrcpts, int64_t ttl_s)
{
	redis_event_message(
	    &redis_of(store)->events, &(struct redis_message){sent, rcpts, nrcpts, ttl_s});
}

struct sent_talk {
	const char *prefix;
	const struct sent_question *question;
	struct sent_message *message;
};

static int
sent_talk(struct redis_conn *conn, void *arg, struct deadline until, struct err *err)
{
	struct sent_talk *talk = arg;

	return redis_sent_ask(conn, talk->prefix, talk->question, talk->message, until, err);
}

static int
redis_sent(struct store *store, const struct sent_question *question,
    struct sent_message *message_r, struct err *err)
{
	struct store_redis *redis = redis_of(store);
	struct sent_talk talk = {redis->link.target.conf.prefix, question, message_r};
	int tries = question->fresh ? SENT_TRIES : 1, status;

	for (;;) {
		status = redis_link_ask(&redis->link, sent_talk, &talk, err);
		if (status != 0 || message_r->known || --tries == 0)
			return status;
		(void)nanosleep(&(struct timespec){0, SENT_POLL_NS}, NULL);
	}
}

struct returned_talk {
	const char *prefix;
	const struct suppress_request *request;
	struct suppress_step *step;
};

static int
returned_talk(struct redis_conn *conn, void *arg, struct deadline until, struct err *err)
{
	struct returned_talk *talk = arg;

	return redis_suppress_step(conn, talk->prefix, talk->request, talk->step, until, err);
}

static int
redis_returned(struct store *store, const struct suppress_request *request,
    struct suppress_step *step_r, struct err *err)
{
	struct store_redis *redis = redis_of(store);
	struct returned_talk talk = {redis->link.target.conf.prefix, request, step_r};

	return redis_link_ask(&redis->link, returned_talk, &talk, err);
}

static void
redis_hit(struct store *store, const struct hit_note *note)
{
	redis_hit_add(&redis_of(store)->events, note);
}

static void
row_join(struct store_redis *redis, struct store_redis *before)
{
	if (before == NULL)
		return;
	(void)pthread_mutex_lock(&row);
	before->heir = redis;
	redis->before = before;
	redis->inherited = atomic_load(&before->writer.dropped);
	(void)atomic_fetch_add(&redis->writer.dropped, redis->inherited);
	(void)pthread_mutex_unlock(&row);
}

/* What is left to write is its heir's, if that one writes the same keys. */
static void
row_leave(struct store_redis *redis)
{
	struct store_redis *before, *heir;

	(void)pthread_mutex_lock(&row);
	before = redis->before;
	heir = redis->heir;
	if (heir != NULL) {
		if (strcmp(redis->link.target.conf.prefix, heir->link.target.conf.prefix) == 0)
			redis_writer_hand(&redis->writer, &heir->writer);
		(void)atomic_fetch_add(
		    &heir->writer.dropped, atomic_load(&redis->writer.dropped) - heir->inherited);
		heir->inherited = redis->inherited;
		heir->before = before;
	}
	if (before != NULL)
		before->heir = heir;
	(void)pthread_mutex_unlock(&row);
}

struct store *
store_redis_replace(struct store *before, const struct redis_conf *conf,
    const struct store_notify *notify, struct err *err)
{
	static const struct store functions = {
	    .grey_step = redis_grey_ask,
	    .has_network = redis_has_network,
	    .has_address = redis_has_address,
	    .has_name = redis_has_name,
	    .met = redis_met,
	    .count = redis_count,
	    .note_zone = redis_note_zone,
	    .record = redis_record,
	    .send_step = redis_send_ask,
	    .event = redis_event,
	    .message = redis_message,
	    .sent = redis_sent,
	    .returned = redis_returned,
	    .hit = redis_hit,
	};
	struct store_redis *redis = calloc(1, sizeof(*redis));

	if (redis == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory for the store");
		return NULL;
	}
	redis->store = functions;
	redis->events.writer = &redis->writer;
	redis_hit_init(&redis->events);
	store_lists_init(&redis->lists);
	if (redis_link_init(&redis->link, conf, notify, err) == 0) {
		if (before != NULL)
			redis_breaker_inherit(
			    &redis->link.breaker, &redis_of(before)->link.breaker);
		if (redis_writer_start(&redis->writer, &redis->link, &redis->lists, err) == 0) {
			row_join(redis, redis_of(before));
			return &redis->store;
		}
		redis_link_fini(&redis->link);
	}
	store_lists_fini(&redis->lists);
	free(redis);
	return NULL;
}

struct store *
store_redis_new(const struct redis_conf *conf, const struct store_notify *notify, struct err *err)
{
	return store_redis_replace(NULL, conf, notify, err);
}

void
store_redis_warm(struct store *store)
{
	static const struct timespec pause = {0, WARM_POLL_NS};
	struct store_redis *redis = redis_of(store);
	struct deadline until = deadline_in_ms(redis->link.target.conf.timeout_ms);

	while (!atomic_load(&redis->writer.lists.complete) && !deadline_passed(until))
		(void)nanosleep(&pause, NULL);
}

void
store_redis_gauges(struct store *store, struct store_gauges *gauges_r)
{
	struct store_redis *redis = redis_of(store);

	gauges_r->queue_used = redis_queue_used(&redis->writer.queue);
	gauges_r->queue_bytes = redis->writer.queue.cap;
	gauges_r->dropped = atomic_load(&redis->writer.dropped);
	gauges_r->up = !redis_breaker_is_open(&redis->link.breaker);
}

void
store_redis_free(struct store *store)
{
	struct store_redis *redis = redis_of(store);

	if (store == NULL)
		return;
	redis_writer_stop(&redis->writer);
	row_leave(redis);
	redis_writer_fini(&redis->writer);
	redis_link_fini(&redis->link);
	store_lists_fini(&redis->lists);
	free(redis);
}
