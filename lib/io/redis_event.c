/*
 * redis_event.c - see redis_event.h.
 */
#include "io/redis_event.h"

#include "base/siphash.h"
#include "io/redis_command.h"
#include "io/redis_key.h"

#include <time.h>

_Static_assert(REDIS_EVENT_COMMAND_BYTES <= REDIS_OUTBOX_BYTES, "a record fits an empty outbox");

/* Recipients in one command, and what each may take: his field, "sent". */
#define RCPTS_PART       15
#define RCPT_BYTES       (REDIS_RCPT_FIELD_BYTES + 4 + 2 * REDIS_WORD_BYTES)
#define RCPTS_PART_BYTES (REDIS_KEY_BYTES + 128 + RCPTS_PART * RCPT_BYTES)
_Static_assert(RCPTS_PART_BYTES <= REDIS_OUTBOX_BYTES, "recipients fit an empty outbox");

/* The fields of a message, with a list of its recipients that is not the event's. */
#define MESSAGE_BYTES (REDIS_EVENT_COMMAND_BYTES + RECORD_VALUE_BYTES)
_Static_assert(MESSAGE_BYTES <= REDIS_OUTBOX_BYTES, "a message fits an empty outbox");

/* The id of a message in a key: ours has 13 characters. */
#define ID_BYTES 32

/* This part of the queue is left for what others push between the look at it and ours. */
#define SPARE_PART 16

#define AGE_EVERY_S 60
#define MS_PER_S    1000

static const char *
prefix_of(const struct redis_events *events)
{
	return events->writer->link->target.conf.prefix;
}

static void
field_add(struct buf *out, const struct record_field *field)
{
	redis_command_text(out, field->name);
	redis_command_word(out, field->value);
}

void
redis_event_command(struct buf *out, struct slice key, int64_t keep, const struct record *record)
{
	redis_command_begin(out, 6 + 2 * (unsigned)record->n);
	redis_command_text(out, "XADD");
	redis_command_word(out, key);
	redis_command_text(out, "MAXLEN");
	redis_command_text(out, "~");
	redis_command_number(out, keep);
	redis_command_text(out, "*");
	for (size_t i = 0; i < record->n; i++)
		field_add(out, &record->v[i]);
}

void
redis_event_record(struct redis_events *events, const struct record *record, int64_t keep)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_EVENT_COMMAND_BYTES];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	if (keep <= 0 || record->n == 0)
		return;
	redis_key_verdicts(&key, prefix_of(events));
	redis_event_command(&out, buf_slice(&key), keep, record);
	redis_writer_offer(events->writer, buf_slice(&out));
}

/* --- events --- */

/* True when that account's stream was not aged in this minute, as far as is known. */
static bool
age_is_due(struct redis_events *events, const char *account, int64_t now_s)
{
	static const uint64_t fixed[2] = {0, 0}; /* accounts are no strangers */
	uint64_t hash = siphash(fixed, slice_of(account));
	atomic_uint_least64_t *slot = &events->aged[hash % REDIS_EVENT_SLOTS];
	uint64_t minute = (uint64_t)(now_s / AGE_EVERY_S) & UINT32_MAX;
	uint64_t now = (hash & ~(uint64_t)UINT32_MAX) | minute;

	return atomic_exchange(slot, now) != now;
}

/* Copies that `gatepostctl forget` made are younger than what they are copies of, and go with that age.
 * Who may not look for them goes without. */
static const char copies_lua[] =
    "local old = redis.pcall('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', '0', '1000') "
    "if old.err then return 0 end "
    "redis.call('EXPIRE', KEYS[2], ARGV[2]) "
    "if not old[1] then return 0 end "
    "redis.call('XDEL', KEYS[1], unpack(old)) "
    "return redis.call('ZREM', KEYS[2], unpack(old))";

static void
copies_age_add(struct redis_events *events, const char *account, struct slice stream,
    int64_t retention_s, int64_t oldest_s)
{
	char key_storage[REDIS_KEY_BYTES],
	    storage[sizeof(copies_lua) + 2 * (size_t)REDIS_KEY_BYTES + 256];
	struct buf key = BUF_OVER(key_storage), out = BUF_OVER(storage);

	redis_key_event_copies(&key, prefix_of(events), account);
	redis_command_begin(&out, 7);
	redis_command_text(&out, "EVAL");
	redis_command_text(&out, copies_lua);
	redis_command_text(&out, "2");
	redis_command_word(&out, stream);
	redis_command_word(&out, buf_slice(&key));
	redis_command_number(&out, oldest_s * MS_PER_S);
	redis_command_number(&out, retention_s);
	redis_writer_push(events->writer, buf_slice(&out));
}

/* Nobody's stream stays when he sends no more; and what is too old goes, in whole nodes. */
static void
age_add(struct redis_events *events, struct slice key, int64_t retention_s, int64_t oldest_s)
{
	char storage[2 * REDIS_KEY_BYTES + 256];
	struct buf out = BUF_OVER(storage);

	redis_command_begin(&out, 3);
	redis_command_text(&out, "EXPIRE");
	redis_command_word(&out, key);
	redis_command_number(&out, retention_s);
	redis_writer_push(events->writer, buf_slice(&out));
	buf_reset(&out);
	redis_command_begin(&out, 5);
	redis_command_text(&out, "XTRIM");
	redis_command_word(&out, key);
	redis_command_text(&out, "MINID");
	redis_command_text(&out, "~");
	redis_command_number(&out, oldest_s * MS_PER_S);
	redis_writer_push(events->writer, buf_slice(&out));
}

void
redis_event_age(struct redis_events *events, const char *account, int64_t retention_s)
{
	int64_t now_s = (int64_t)time(NULL);
	int64_t oldest_s = now_s > retention_s ? now_s - retention_s : 0;
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (!age_is_due(events, account, now_s))
		return;
	redis_key_events(&key, prefix_of(events), account);
	age_add(events, buf_slice(&key), retention_s, oldest_s);
	copies_age_add(events, account, buf_slice(&key), retention_s, oldest_s);
}

void
redis_event_add(
    struct redis_events *events, const struct event *event, const struct event_terms *terms)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_EVENT_COMMAND_BYTES];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	redis_key_events(&key, prefix_of(events), event->account);
	if (terms->keep <= 0 || terms->retention_s <= 0 || event->fields.n == 0 || key.over)
		return;
	redis_event_command(&out, buf_slice(&key), terms->keep, &event->fields);
	redis_writer_push(events->writer, buf_slice(&out));
	redis_event_age(events, event->account, terms->retention_s);
}

/* --- messages --- */

/* HSET KEY, in a command with so many fields. */
static void
hash_begin(struct buf *out, struct slice key, size_t nfields)
{
	buf_reset(out);
	redis_command_begin(out, 2 + 2 * (unsigned)nfields);
	redis_command_text(out, "HSET");
	redis_command_word(out, key);
}

static void
rcpts_push(
    struct redis_events *events, struct slice key, const struct redis_message *m, size_t from)
{
	size_t n = m->nrcpts - from < RCPTS_PART ? m->nrcpts - from : RCPTS_PART;
	char storage[RCPTS_PART_BYTES];
	struct buf out = BUF_OVER(storage);

	hash_begin(&out, key, n);
	for (size_t i = from; i < from + n; i++) {
		char name_storage[REDIS_RCPT_FIELD_BYTES];
		struct buf name = BUF_OVER(name_storage);

		redis_key_message_rcpt(&name, m->rcpts[i]);
		redis_command_word(&out, buf_slice(&name));
		redis_command_text(&out, "sent");
	}
	redis_writer_push(events->writer, buf_slice(&out));
}

/* All recipients, or the first of very many, as consent and suppression name them: by these hit.lua
 * finds what the n-th agreed to. The event has them as they were written. */
static void
to_add(struct buf *out, const struct redis_message *m)
{
	char storage[RECORD_VALUE_BYTES];
	struct buf list = BUF_OVER(storage);

	for (size_t i = 0; i < m->nrcpts; i++) {
		char key_storage[SUPPRESSION_KEY_BYTES];
		struct buf key = BUF_OVER(key_storage);

		suppression_key(m->rcpts[i], &key);
		if (list.n + 2 + key.n > list.cap)
			break;
		buf_add_text(&list, i > 0 ? ", " : "");
		buf_add(&list, buf_slice(&key));
	}
	redis_command_text(out, "to");
	redis_command_word(out, buf_slice(&list));
}

static void
message_push(struct redis_events *events, struct slice key, const struct redis_message *m)
{
	const struct record *fields = &m->sent->fields;
	bool has_to = record_get(fields, "to").n > 0;
	char storage[MESSAGE_BYTES];
	struct buf out = BUF_OVER(storage);

	hash_begin(&out, key, fields->n + (has_to ? 0 : 1));
	for (size_t i = 0; i < fields->n; i++) {
		if (strcmp(fields->v[i].name, "to") != 0)
			field_add(&out, &fields->v[i]);
	}
	to_add(&out, m);
	redis_writer_push(events->writer, buf_slice(&out));
	buf_reset(&out);
	redis_command_begin(&out, 3);
	redis_command_text(&out, "EXPIRE");
	redis_command_word(&out, key);
	redis_command_number(&out, m->ttl_s);
	redis_writer_push(events->writer, buf_slice(&out));
	for (size_t i = 0; i < m->nrcpts; i += RCPTS_PART)
		rcpts_push(events, key, m, i);
}

/* What the commands of a message may take at most. */
static size_t
message_bytes(const struct redis_message *m)
{
	size_t n = MESSAGE_BYTES + (m->nrcpts / RCPTS_PART + 2) * (REDIS_KEY_BYTES + 128);

	for (size_t i = 0; i < m->nrcpts; i++)
		n += m->rcpts[i]->text.n + (RCPT_BYTES - ADDRESS_MAX_BYTES);
	return n;
}

void
redis_event_message(struct redis_events *events, const struct redis_message *message)
{
	struct redis_writer *writer = events->writer;
	struct slice id = record_get(&message->sent->fields, "msg");
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (id.n == 0 || id.n > ID_BYTES || message->ttl_s <= 0)
		return;
	redis_key_message(&key, prefix_of(events), message->sent->account, id);
	if (key.over)
		return;
	/* a part of it would be of no use, and without EXPIRE it would stay for ever */
	if (redis_queue_used(&writer->queue) + message_bytes(message) +
		writer->queue.cap / SPARE_PART >
	    writer->queue.cap)
		store_counters_add(&writer->counters, STAT_EVENTS_DROPPED, (int64_t)time(NULL), 1);
	else
		message_push(events, buf_slice(&key), message);
}
