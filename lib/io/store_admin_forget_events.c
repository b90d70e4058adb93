/*
 * store_admin_forget_events.c - see store_admin_forget.h: streams, written anew without him.
 *
 * An entry of a stream cannot be changed. It is deleted, and what is left of it added at the end, by
 * one script, so that it is there once at any time. The copy has the field `forgot`: who sends events
 * on has seen it before.
 */
#include "io/redis_command.h"
#include "io/store_admin_events.h"
#include "io/store_admin_forget_parts.h"
#include "io/store_admin_stream.h"

#include <stdlib.h>

static const char rewrite_lua[] = "if redis.call('XDEL', KEYS[1], ARGV[1]) == 1 then "
				  "redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2)) return 1 end "
				  "return 0";

/* Each word has its length in front, and "\r\n" behind. */
#define COMMAND_BYTES                                                                              \
	(2 * FORGET_WORDS_BYTES + REDIS_KEY_BYTES + 1024 + (size_t)4 * FORGET_FIELDS_MAX * 16)

/* What one stream is written anew with: too large for a stack. */
struct rewriting {
	struct forgetting *f;
	const char *account;
	struct slice key;
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

static enum forget_whose
whose(const struct rewriting *r, const redisReply *fields)
{
	const struct forget_person *person = r->f->wish->person;
	struct slice nth_text = forget_value(fields, "nth");
	int64_t number = 0;
	uint32_t nth;

	if (forget_is(person, forget_value(fields, "rcpt")))
		return FORGET_HIS;
	if (!forget_message_find(r->f, r->account, forget_value(fields, "msg"), &nth))
		return FORGET_OTHERS;
	if (nth == FORGET_NTH_ONLY)
		return FORGET_HIS;
	if (slice_eq(forget_value(fields, "type"), slice_of("sent")) ||
	    forget_value(fields, "rcpt").n > 0)
		return FORGET_OTHERS; /* of all, or of another */
	for (size_t i = 0; i < nth_text.n && i < 9 && ascii_is_digit(nth_text.p[i]); i++)
		number = number * 10 + (nth_text.p[i] - '0');
	if (number == 0 || nth == FORGET_NTH_UNKNOWN)
		return FORGET_MAYBE;
	return number == (int64_t)nth ? FORGET_HIS : FORGET_OTHERS;
}

static int
entry_write(struct rewriting *r, struct slice id, struct err *err)
{
	buf_reset(&r->out);
	redis_command_begin(&r->out, 7 + (unsigned)r->fields.n);
	redis_command_text(&r->out, "EVAL");
	redis_command_text(&r->out, rewrite_lua);
	redis_command_text(&r->out, "1");
	redis_command_word(&r->out, r->key);
	redis_command_word(&r->out, id);
	for (size_t i = 0; i < r->fields.n; i++)
		redis_command_word(&r->out, r->fields.v[i]);
	redis_command_text(&r->out, "forgot");
	redis_command_text(&r->out, "1");
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

/* Notes a message that was sent to him. */
static int
event_learn(struct rewriting *r, const redisReply *entry, struct err *err)
{
	const redisReply *fields = entry->element[1];
	struct slice nrcpt = forget_value(fields, "nrcpt");
	uint32_t nth;

	if (!slice_eq(forget_value(fields, "type"), slice_of("sent")))
		return 0;
	nth = forget_nth(r->f->wish->person, forget_value(fields, "to"));
	if (nth == 0)
		return 0;
	if (nrcpt.n == 0 || slice_eq(nrcpt, slice_of("1")))
		nth = FORGET_NTH_ONLY;
	return forget_message_note(r->f, r->account, forget_value(fields, "msg"), nth, err);
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
	store_stream_range(&stream, 0, r->f->wish->now_s * 1000 + 999, true);
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
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	int status;

	redis_key_events(&key, r->f->admin->target.conf.prefix, account);
	r->account = account;
	r->key = buf_slice(&key);
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

int
forget_events(struct forgetting *f, struct err *err)
{
	struct rewriting *r = rewriting_new(f, err);
	struct store_event_accounts accounts = {.n = 0};
	int status = 0;

	if (r == NULL)
		return -1;
	if (store_admin_event_accounts(f->admin, &accounts, err) != 0) {
		free(r);
		return -1;
	}
	for (size_t i = 0; status == 0 && i < accounts.n; i++)
		status = account_forget(r, accounts.v[i], err);
	if (status == 0)
		status = decisions_forget(r, err);
	store_event_accounts_free(&accounts);
	free(r);
	return status;
}
