/*
 * store_memory.c - see store_memory.h.
 */
#include "io/store_memory.h"

#include "io/entropy.h"
#include "io/memory_table.h"
#include "io/redis_key.h"
#include "io/store_counters.h"
#include "io/store_lists.h"
#include "io/store_memory_grey.h"
#include "io/store_memory_send.h"
#include "io/store_zones.h"

#include <stdlib.h>

struct store_memory {
	struct store store; /* first: a struct store * is one of these */
	const struct clock_port *clock;
	pthread_mutex_t lock;
	struct memory_table table; /* under the lock; keys are named as in Redis, without prefix */
	struct store_counters counters;
	struct store_lists lists;
	struct store_zones zones;
	struct memory_send send; /* under the lock */
};

static struct store_memory *
memory_of(struct store *store)
{
	return (struct store_memory *)(void *)store;
}

static int
memory_grey_ask(struct store *store, const struct grey_request *request, struct grey_step *step_r,
    struct err *err)
{
	struct store_memory *memory = memory_of(store);
	int64_t now = memory->clock->now_s(memory->clock);
	int status;
	bool met;

	(void)pthread_mutex_lock(&memory->lock);
	met = memory_grey_met(&memory->table, request, now);
	status = memory_grey_step(&memory->table, request, now, step_r);
	(void)pthread_mutex_unlock(&memory->lock);
	if (status != 0)
		return err_set(err, ERR_NOMEM, "no memory for a greylist record");
	if (met)
		*step_r = (struct grey_step){
		    .outcome = GREY_MET, .now = now, .first = now, .tries = 1};
	return 0;
}

static bool
memory_has_network(struct store *store, enum store_list list, const struct net_addr *addr)
{
	return store_lists_has_network(&memory_of(store)->lists, list, addr);
}

static bool
memory_has_address(struct store *store, enum store_list list, const struct address *addr)
{
	return store_lists_has_address(&memory_of(store)->lists, list, addr);
}

static bool
memory_has_name(struct store *store, enum store_list list, struct slice name)
{
	return store_lists_has_name(&memory_of(store)->lists, list, name);
}

static void
memory_note_zone(struct store *store, const struct dnsbl_note *note)
{
	store_zones_put(&memory_of(store)->zones, note);
}

static void
memory_met(
    struct store *store, const struct address *local, const struct address *remote, int64_t ttl_s)
{
	struct store_memory *memory = memory_of(store);
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	union memory_record *record;

	if (ttl_s <= 0)
		return;
	redis_key_met(&key, "", local, remote);
	(void)pthread_mutex_lock(&memory->lock);
	record = memory_table_make(&memory->table, buf_slice(&key));
	if (record != NULL)
		record->until_s = memory->clock->now_s(memory->clock) + ttl_s;
	(void)pthread_mutex_unlock(&memory->lock);
}

static void
memory_count(struct store *store, unsigned stat, int64_t unix_s, int64_t n)
{
	store_counters_add(&memory_of(store)->counters, stat, unix_s, n);
}

/* Kept for people to ask about, who ask Redis. */
static void
memory_record(struct store *store, const struct record *record, int64_t keep)
{
	(void)store;
	(void)record;
	(void)keep;
}

static void
memory_event(struct store *store, const struct event *event, const struct event_terms *terms)
{
	(void)store;
	(void)event;
	(void)terms;
}

static void
memory_message(struct store *store, const struct event *sent, const struct address *const *rcpts,
    size_t nrcpts, int64_t ttl_s)
{
	(void)store;
	(void)sent;
	(void)rcpts;
	(void)nrcpts;
	(void)ttl_s;
}

static int
memory_send_ask(struct store *store, const struct send_request *request, struct send_step *step_r,
    struct err *err)
{
	struct store_memory *memory = memory_of(store);
	int status;

	*step_r = (struct send_step){.which = 0};
	if (!send_is_question(request))
		return 0;
	(void)pthread_mutex_lock(&memory->lock);
	status = memory_send_step(&memory->send, &memory->table, request,
	    memory_send_now(&memory->send, memory->clock), step_r);
	(void)pthread_mutex_unlock(&memory->lock);
	return status == 0 ? 0 : err_set(err, ERR_NOMEM, "no memory for a record of limits");
}

/* People ask Redis what came back: what dies with the process is not recorded. */
static int
memory_sent(struct store *store, const struct sent_question *question,
    struct sent_message *message_r, struct err *err)
{
	(void)store;
	(void)question;
	*message_r = (struct sent_message){.known = false};
	return err_set(err, ERR_UNAVAILABLE, "messages are not kept in memory");
}

static int
memory_returned(struct store *store, const struct suppress_request *request,
    struct suppress_step *step_r, struct err *err)
{
	(void)store;
	(void)request;
	*step_r = (struct suppress_step){.seen = false};
	return err_set(err, ERR_UNAVAILABLE, "what comes back is not kept in memory");
}

static void
memory_hit(struct store *store, const struct hit_note *note)
{
	(void)store;
	(void)note;
}

struct store *
store_memory_new(size_t capacity, const struct clock_port *clock, struct err *err)
{
	static const struct store functions = {
	    .grey_step = memory_grey_ask,
	    .has_network = memory_has_network,
	    .has_address = memory_has_address,
	    .has_name = memory_has_name,
	    .met = memory_met,
	    .count = memory_count,
	    .note_zone = memory_note_zone,
	    .record = memory_record,
	    .send_step = memory_send_ask,
	    .event = memory_event,
	    .message = memory_message,
	    .sent = memory_sent,
	    .returned = memory_returned,
	    .hit = memory_hit,
	};
	struct store_memory *memory = calloc(1, sizeof(*memory));
	uint64_t secret[2];

	if (memory == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory for the store");
		return NULL;
	}
	if (entropy_read(secret, sizeof(secret), err) != 0) {
		free(memory);
		return NULL;
	}
	memory->store = functions;
	memory->clock = clock;
	memory->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	memory_table_init(&memory->table, capacity, secret);
	store_counters_init(&memory->counters);
	store_lists_init(&memory->lists);
	store_zones_init(&memory->zones);
	return &memory->store;
}

void
store_memory_free(struct store *store)
{
	struct store_memory *memory = memory_of(store);

	if (store == NULL)
		return;
	memory_table_fini(&memory->table);
	memory_send_fini(&memory->send);
	store_counters_fini(&memory->counters);
	store_lists_fini(&memory->lists);
	store_zones_fini(&memory->zones);
	(void)pthread_mutex_destroy(&memory->lock);
	free(memory);
}

int
store_memory_set_list(struct store *store, enum store_list list, const struct slice *members,
    size_t n, struct err *err)
{
	return store_lists_set(&memory_of(store)->lists, list, members, n, err);
}

int
store_memory_suppress(struct store *store, const char *account, const struct address *rcpt,
    const struct suppression *suppression, struct err *err)
{
	struct store_memory *memory = memory_of(store);
	int status;

	(void)pthread_mutex_lock(&memory->lock);
	status = memory_send_suppress(&memory->send, account, rcpt, suppression);
	(void)pthread_mutex_unlock(&memory->lock);
	return status == 0 ? 0 : err_set(err, ERR_NOMEM, "no memory for a suppression");
}

void
store_memory_counts(struct store *store, int64_t unix_s, int64_t counts_r[STAT_COUNT])
{
	store_counters_read(&memory_of(store)->counters, unix_s, counts_r);
}

bool
store_memory_zone(struct store *store, struct slice name, struct dnsbl_note *note_r)
{
	return store_zones_read(&memory_of(store)->zones, name, note_r);
}
