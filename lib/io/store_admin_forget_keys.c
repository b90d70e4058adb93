/*
 * store_admin_forget_keys.c - see store_admin_forget.h: what has the person in a key's name, tuples and
 * correspondents; which messages name him; and which keys are for other parts.
 */
#include "io/redis_command.h"
#include "io/store_admin_forget_parts.h"
#include "io/store_admin_sweep.h"

#include <stdlib.h>

/* Hashes asked about in one round trip. */
#define BATCH 100

/* What a message is asked about, beside him. */
#define MESSAGE_FIELDS 4

/* HMGET KEY rcpt:ADDRESS rcpt:(forgotten) to from nrcpt */
#define QUESTION_BYTES (REDIS_KEY_BYTES + ADDRESS_MAX_BYTES + 200)

/* What is between the tag's braces, and behind them, of "PREFIXword{…}…". */
static bool
name_parse(struct slice key, const char *prefix, const char *word, struct slice parts_r[2])
{
	struct slice rest = slice_from(key, strlen(prefix));
	size_t end;

	if (!slice_starts(key, slice_of(prefix)) || !slice_starts(rest, slice_of(word)))
		return false;
	rest = slice_from(rest, strlen(word));
	end = slice_find(rest, '}');
	parts_r[0] = slice_head(rest, end);
	parts_r[1] = slice_from(rest, end + 1);
	return end < rest.n;
}

static int
key_delete(struct forgetting *f, enum store_forget_kind kind, struct slice key, struct err *err)
{
	int deleted = 0;

	f->counts[kind].found++;
	if (!f->wish->only_count)
		deleted = store_admin_delete(f->admin, key, err);
	f->counts[kind].done += deleted > 0;
	return deleted < 0 ? -1 : 0;
}

/* --- messages --- */

static bool
is_there(const redisReply *value)
{
	return value->type == REDIS_REPLY_STRING;
}

struct batch {
	struct slice keys[BATCH];
	struct slice accounts[BATCH], ids[BATCH];
	size_t n;
	char commands[BATCH * QUESTION_BYTES];
	struct buf out;
};

static void
message_question(struct forgetting *f, struct batch *b, struct slice key)
{
	static const char *const fields[] = {FORGET_RCPT_FIELD, "to", "from", "nrcpt"};
	char storage[REDIS_RCPT_FIELD_BYTES];
	struct buf rcpt = BUF_OVER(storage);

	buf_add_text(&rcpt, "rcpt:");
	buf_add(&rcpt, f->wish->person->address);
	redis_command_begin(&b->out, 3 + MESSAGE_FIELDS);
	redis_command_text(&b->out, "HMGET");
	redis_command_word(&b->out, key);
	redis_command_word(&b->out, buf_slice(&rcpt));
	for (size_t i = 0; i < MESSAGE_FIELDS; i++)
		redis_command_text(&b->out, fields[i]);
}

/* Keeps the message for later, when it names him. */
static int
message_note(struct forgetting *f, const struct batch *b, size_t i, const redisReply *values,
    struct err *err)
{
	const struct forget_person *person = f->wish->person;
	char account[ACCOUNT_NAME_BYTES + 1] = "";
	struct forget_sent sent = {account, b->ids[i], redis_reply_text(values->element[2]),
	    store_admin_number(values->element[4]),
	    is_there(values->element[0]) || is_there(values->element[1])};
	struct forget_message *message;

	if (b->accounts[i].n > ACCOUNT_NAME_BYTES)
		return 0;
	memcpy(account, b->accounts[i].p, b->accounts[i].n);
	if (forget_message_note(f, &sent, err) != 0)
		return -1;
	if (!is_there(values->element[0]) && !forget_names(person, sent.to) &&
	    !forget_names(person, redis_reply_text(values->element[3])))
		return 0;
	message = arena_alloc(&f->arena, sizeof(*message));
	if (message != NULL)
		message->key = arena_copy(&f->arena, b->keys[i]);
	if (message == NULL || message->key.p == NULL)
		return err_set(err, ERR_LIMIT, "too many messages for one person");
	message->only = forget_message_has(f, account, sent.id, FORGET_NTH_ONLY);
	message->next = f->found;
	f->found = message;
	return 0;
}

static int
batch_ask(struct forgetting *f, struct batch *b, struct err *err)
{
	struct deadline until = deadline_in_ms(STORE_ADMIN_TIMEOUT_MS);
	int status = 0;

	if (b->n > 0 && store_admin_send(f->admin, buf_slice(&b->out), err) != 0)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		redisReply *values;

		if (redis_conn_receive(&f->admin->conn, &values, until, err) != 0)
			return -1;
		/* a key of another type answers with an error: it is none of these */
		if (status == 0 && values->type == REDIS_REPLY_ARRAY &&
		    values->elements == 1 + MESSAGE_FIELDS)
			status = message_note(f, b, i, values, err);
		freeReplyObject(values);
	}
	b->n = 0;
	buf_reset(&b->out);
	return status;
}

static int
message_add(struct forgetting *f, struct batch *b, struct slice key, const struct slice parts[2],
    struct err *err)
{
	if (key.n > REDIS_KEY_BYTES || parts[1].n < 2 || parts[1].p[0] != ':')
		return 0;
	b->keys[b->n] = key;
	b->accounts[b->n] = parts[0];
	b->ids[b->n] = slice_from(parts[1], 1);
	message_question(f, b, key);
	b->n++;
	return b->n == BATCH ? batch_ask(f, b, err) : 0;
}

/* --- all keys --- */

static int
key_take(struct forgetting *f, struct batch *b, struct slice key, struct err *err)
{
	const char *prefix = f->admin->target.conf.prefix;
	struct slice normal = slice_of(f->wish->person->normal), parts[2];
	struct redis_grey_name tuple;

	if (redis_key_grey_parse(key, prefix, &tuple) == 0) {
		if (!slice_eq(tuple.sender, normal) && !slice_eq(tuple.rcpt, normal))
			return 0;
		return key_delete(f, STORE_FORGET_TUPLES, key, err);
	}
	if (name_parse(key, prefix, "met:{", parts)) {
		if (!slice_eq(parts[0], normal) && !slice_eq(slice_from(parts[1], 1), normal))
			return 0;
		return key_delete(f, STORE_FORGET_CORRESPONDENTS, key, err);
	}
	if (name_parse(key, prefix, "bounce:{", parts)) {
		if (!forget_is(f->wish->person, slice_from(parts[1], 1)))
			return 0;
		return key_delete(f, STORE_FORGET_RETURNS, key, err);
	}
	if (name_parse(key, prefix, "msg:{", parts))
		return message_add(f, b, key, parts, err);
	if (name_parse(key, prefix, "hits:{", parts))
		return forget_counts(f, key, err);
	if (name_parse(key, prefix, "consent:{", parts) && parts[1].n == 0)
		return forget_entry(f, STORE_FORGET_CONSENTS, key, parts[0], err);
	if (name_parse(key, prefix, "supp:{", parts) && parts[1].n == 0)
		return forget_entry(f, STORE_FORGET_SUPPRESSIONS, key, parts[0], err);
	return 0;
}

static int
keys_take(void *arg, const struct slice *keys, size_t n, struct err *err)
{
	struct forgetting *f = arg;
	struct batch *b = calloc(1, sizeof(*b));
	int status = 0;

	if (b == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	buf_init(&b->out, b->commands, sizeof(b->commands));
	for (size_t i = 0; i < n && status == 0; i++)
		status = key_take(f, b, keys[i], err);
	if (status == 0)
		status = batch_ask(f, b, err);
	free(b);
	return status;
}

int
forget_keys(struct forgetting *f, struct err *err)
{
	return store_admin_sweep(f->admin, "*", keys_take, f, err);
}
