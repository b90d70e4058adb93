/*
 * store_admin_forget_events.c - see store_admin_forget.h: streams, written anew without him.
 *
 * An entry of a stream cannot be changed. It is deleted, and what is left of it added at the end, by
 * one script, so that it is there once at any time. The copy has the field `forgot`: who sends events
 * on has seen it before. So that it does not outlive what it is a copy of, its id is kept with the other's
 * age, by which redis_event_age() deletes it.
 */
#include "io/redis_command.h"
#include "io/store_admin_events.h"
#include "io/store_admin_forget_parts.h"
#include "io/store_admin_server.h"
#include "io/store_admin_stream.h"

#include <stdlib.h>

static const char rewrite_lua[] =
    "local call, old = redis.call, ARGV[1] "
    "if call('XDEL', KEYS[1], old) == 0 then return 0 end "
    "local new = call('XADD', KEYS[1], '*', unpack(ARGV, 2)) "
    "local since = call('ZSCORE', KEYS[2], old) or string.match(old, '^%d+') "
    "call('ZREM', KEYS[2], old) "
    "call('ZADD', KEYS[2], since, new) "
    "call('EXPIRE', KEYS[2], math.max(call('TTL', KEYS[1]), 60)) "
    "return 1";

/* Each word has its length in front, and "\r\n" behind. */
#define COMMAND_BYTES                                                                              \
	(2 * FORGET_WORDS_BYTES + REDIS_KEY_BYTES + 1024 + (size_t)4 * FORGET_FIELDS_MAX * 16)

/* What one stream is written anew with: too large for a stack. */
struct rewriting {
	struct forgetting *f;
	const char *account;
	struct slice key;
	struct slice copies; /* of events: the key of the copies' ages */
	int64_t until_ms;    /* Redis's clock, when the streams were begun with */
	struct store_forget_counts counts;
	struct forget_fields fields;
	char storage[FORGET_WORDS_BYTES];
	struct buf out;
	char command[COMMAND_BYTES];
};

static struct rewriting *
rewriting_new(struct forgetting *f, struct err *err)
{
	struct rewriting *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	r->f = f;
	buf_init(&r->fields.storage, r->storage, sizeof(r->storage));
	buf_init(&r->out, r->command, sizeof(r->command));
	return r;
}

static int
entry_delete(struct rewriting *r, struct slice id, struct err *err)
{
	buf_reset(&r->out);
	redis_command_begin(&r->out, 3);
	redis_command_text(&r->out, "XDEL");
	redis_command_word(&r->out, r->key);
	redis_command_word(&r->out, id);
	return forget_ask(r->f, buf_slice(&r->out), err);
}

/* --- events --- */

static bool
is_noted(const struct rewriting *r, struct slice id, uint32_t nth)
{
	return forget_message_has(r->f, r->account, id, nth);
}

static enum forget_whose
whose(const struct rewriting *r, const redisReply *fields)
{
	struct slice id = forget_value(fields, "msg"), nth = forget_value(fields, "nth");
	struct slice rcpt = forget_value(fields, "rcpt");
	uint32_t number = 0;

	if (forget_is(r->f->wish->person, rcpt) || is_noted(r, id, FORGET_NTH_ONLY))
		return FORGET_HIS;
	if (slice_eq(forget_value(fields, "type"), slice_of("sent")) || rcpt.n > 0)
		return FORGET_OTHERS; /* of all, or of another */
	for (size_t i = 0; i < nth.n && i < 9 && ascii_is_digit(nth.p[i]); i++)
		number = number * 10 + (uint32_t)(nth.p[i] - '0');
	if (number > 0 && is_noted(r, id, number))
		return FORGET_HIS;
	if (is_noted(r, id, FORGET_NTH_UNKNOWN) ||
	    (number == 0 && is_noted(r, id, FORGET_NTH_AMONG)))
		return FORGET_MAYBE;
	return FORGET_OTHERS;
}

static bool
is_copy(const struct rewriting *r)
{
	for (size_t i = 0; i < r->fields.n; i += 2) {
		if (slice_eq(r->fields.v[i], slice_of("forgot")))
			return true;
	}
	return false;
}

static int
entry_write(struct rewriting *r, struct slice id, struct err *err)
{
	bool again = is_copy(r);

	buf_reset(&r->out);
	redis_command_begin(&r->out, (again ? 6 : 8) + (unsigned)r->fields.n);
	redis_command_text(&r->out, "EVAL");
	redis_command_text(&r->out, rewrite_lua);
	redis_command_text(&r->out, "2");
	redis_command_word(&r->out, r->key);
	redis_command_word(&r->out, r->copies);
	redis_command_word(&r->out, id);
	for (size_t i = 0; i < r->fields.n; i++)
		redis_command_word(&r->out, r->fields.v[i]);
	if (!again) {
		redis_command_text(&r->out, "forgot");
		redis_command_text(&r->out, "1");
	}
	if (r->out.over)
		return entry_delete(r, id, err);
	return forget_ask(r->f, buf_slice(&r->out), err);
}

static int
event_forget(struct rewriting *r, const redisReply *entry, struct err *err)
{
	const redisReply *fields = entry->element[1];
	bool ours = forget_fields_make(&r->fields, r->f->wish->person, whose(r, fields), fields);
	int done = 0;

	/* what is so large that it cannot be looked through is none of ours, and goes */
	if (ours && !r->fields.changed)
		return 0;
	r->counts.found++;
	if (r->f->wish->only_count)
		return 0;
	done = ours ? entry_write(r, redis_reply_text(entry->element[0]), err)
		    : entry_delete(r, redis_reply_text(entry->element[0]), err);
	r->counts.done += done > 0;
	return done < 0 ? -1 : 0;
}

/* Notes a message that was sent to him; the number of others does not matter. */
static int
event_learn(struct rewriting *r, const redisReply *entry, struct err *err)
{
	const redisReply *fields = entry->element[1];
	struct slice nrcpt = forget_value(fields, "nrcpt");
	struct forget_sent sent = {.account = r->account,
	    .id = forget_value(fields, "msg"),
	    .to = forget_value(fields, "to"),
	    .nrcpt = nrcpt.n == 0 || slice_eq(nrcpt, slice_of("1")) ? 1 : 2};

	if (!slice_eq(forget_value(fields, "type"), slice_of("sent")))
		return 0;
	return forget_message_note(r->f, &sent, err);
}

static int
decision_forget(struct rewriting *r, const redisReply *entry, struct err *err)
{
	const redisReply *fields = entry->element[1];
	bool named = false;
	int done = 0;

	for (size_t i = 1; i < fields->elements && !named; i += 2)
		named = forget_names(r->f->wish->person, redis_reply_text(fields->element[i]));
	if (!named)
		return 0;
	r->counts.found++;
	if (!r->f->wish->only_count)
		done = entry_delete(r, redis_reply_text(entry->element[0]), err);
	r->counts.done += done > 0;
	return done < 0 ? -1 : 0;
}

typedef int entry_do(struct rewriting *r, const redisReply *entry, struct err *err);

/* All entries up to now; copies come behind that, or name nobody. */
static int
stream_each(struct rewriting *r, entry_do *visit, struct err *err)
{
	struct store_stream stream;
	const redisReply *entry;
	int64_t kept_ms;
	int status;

	store_stream_init(&stream, r->f->admin, r->key);
	store_stream_range(&stream, 0, r->until_ms, true);
	for (;;) {
		status = store_stream_entry(&stream, &entry, &kept_ms, err);
		if (status <= 0)
			break;
		if (entry->element[1]->type == REDIS_REPLY_ARRAY && visit(r, entry, err) != 0) {
			status = -1;
			break;
		}
	}
	store_stream_fini(&stream);
	return status;
}

static int
account_forget(struct rewriting *r, const char *account, struct err *err)
{
	char storage[REDIS_KEY_BYTES], copies_storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage), copies = BUF_OVER(copies_storage);
	int status;

	redis_key_events(&key, r->f->admin->target.conf.prefix, account);
	redis_key_event_copies(&copies, r->f->admin->target.conf.prefix, account);
	r->account = account;
	r->key = buf_slice(&key);
	r->copies = buf_slice(&copies);
	r->counts = (struct store_forget_counts){0, 0};
	status = stream_each(r, event_learn, err);
	if (status == 0)
		status = stream_each(r, event_forget, err);
	if (r->counts.found > 0)
		r->f->tell(r->f->arg, STORE_FORGET_EVENTS, account, &r->counts);
	return status;
}

static int
decisions_forget(struct rewriting *r, struct err *err)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	int status;

	redis_key_verdicts(&key, r->f->admin->target.conf.prefix);
	r->key = buf_slice(&key);
	r->counts = (struct store_forget_counts){0, 0};
	status = stream_each(r, decision_forget, err);
	r->f->counts[STORE_FORGET_DECISIONS] = r->counts;
	return status;
}

static int
streams_forget(struct rewriting *r, struct err *err)
{
	struct store_event_accounts accounts = {.n = 0};
	int64_t now_s, ahead_ms;
	int status = 0;

	if (store_admin_time(r->f->admin, &now_s, &ahead_ms, err) != 0 ||
	    store_admin_event_accounts(r->f->admin, &accounts, err) != 0)
		return -1;
	r->until_ms = now_s * 1000 + 999;
	for (size_t i = 0; status == 0 && i < accounts.n; i++)
		status = account_forget(r, accounts.v[i], err);
	if (status == 0)
		status = decisions_forget(r, err);
	store_event_accounts_free(&accounts);
	return status;
}

int
forget_events(struct forgetting *f, struct err *err)
{
	struct rewriting *r = rewriting_new(f, err);
	int status = r == NULL ? -1 : streams_forget(r, err);

	free(r);
	return status;
}
