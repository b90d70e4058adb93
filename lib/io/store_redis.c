/*
 * store_redis.c - see store_redis.h: the domain's words put into Redis's.
 */
#include "io/store_redis.h"

#include "io/redis_command.h"
#include "io/redis_grey.h"
#include "io/redis_key.h"
#include "io/redis_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

/* How often store_redis_warm() looks. */
#define WARM_POLL_NS 1000000

/* XADD with a whole record: each word has its length in front, "$8192\r\n", and "\r\n" behind it;
 * names are short. */
#define WORD_MORE_BYTES  10
#define FIELD_NAME_BYTES 16
#define RECORD_COMMAND_BYTES                                                                       \
	(REDIS_KEY_BYTES + 128 + RECORD_BYTES +                                                    \
	    (size_t)RECORD_FIELDS_MAX * (FIELD_NAME_BYTES + 2 * WORD_MORE_BYTES))
_Static_assert(RECORD_COMMAND_BYTES <= REDIS_OUTBOX_BYTES, "a record fits an empty outbox");

struct store_redis {
	struct store store; /* first: a struct store * is one of these */
	struct redis_link link;
	struct redis_writer writer;
	struct store_lists lists;
};

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
	struct store_redis *redis = redis_of(store);
	char key_storage[REDIS_KEY_BYTES], storage[RECORD_COMMAND_BYTES];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	if (keep <= 0 || record->n == 0)
		return;
	redis_key_verdicts(&key, redis->link.target.conf.prefix);
	redis_command_begin(&out, 6 + 2 * (unsigned)record->n);
	redis_command_text(&out, "XADD");
	redis_command_word(&out, buf_slice(&key));
	redis_command_text(&out, "MAXLEN");
	redis_command_text(&out, "~");
	redis_command_number(&out, keep);
	redis_command_text(&out, "*");
	for (size_t i = 0; i < record->n; i++) {
		redis_command_text(&out, record->v[i].name);
		redis_command_word(&out, record->v[i].value);
	}
	assert(!out.over);
	redis_writer_offer(&redis->writer, buf_slice(&out));
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
	};
	struct store_redis *redis = calloc(1, sizeof(*redis));

	if (redis == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory for the store");
		return NULL;
	}
	redis->store = functions;
	store_lists_init(&redis->lists);
	if (redis_link_init(&redis->link, conf, notify, err) == 0) {
		if (before != NULL)
			redis_breaker_inherit(
			    &redis->link.breaker, &redis_of(before)->link.breaker);
		if (redis_writer_start(&redis->writer, &redis->link, &redis->lists, err) == 0)
			return &redis->store;
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
store_redis_free(struct store *store)
{
	struct store_redis *redis = redis_of(store);

	if (store == NULL)
		return;
	redis_writer_stop(&redis->writer);
	redis_link_fini(&redis->link);
	store_lists_fini(&redis->lists);
	free(redis);
}
