/*
 * store_admin_message.c - see store_admin_events.h: one message, one recipient's suppression, the
 * limits of one account.
 */
#include "io/store_admin_events.h"

#include "io/redis_command.h"
#include "io/store_admin_stream.h"

#include <stdlib.h>

/* An id of ours has 13 characters; one that is longer than this is none. */
#define ID_BYTES 32

static const struct slice rcpt_word = SLICE_LIT("rcpt:");

/* --- one message --- */

static int
rcpt_compare(const void *a, const void *b)
{
	return slice_compare(((const struct store_message_rcpt *)a)->address,
	    ((const struct store_message_rcpt *)b)->address);
}

static void
rcpts_fill(struct store_message *message, const redisReply *fields)
{
	for (size_t i = 0; i + 1 < fields->elements; i += 2) {
		struct slice name = redis_reply_text(fields->element[i]);

		if (!slice_starts(name, rcpt_word))
			continue;
		message->rcpts[message->nrcpts++] = (struct store_message_rcpt){
		    slice_from(name, rcpt_word.n), redis_reply_text(fields->element[i + 1])};
	}
	if (message->nrcpts > 0)
		qsort(message->rcpts, message->nrcpts, sizeof(*message->rcpts), rcpt_compare);
}

/* What HGETALL answered, which the message then owns. NULL: no memory. */
static struct store_message *
message_make(redisReply *fields)
{
	struct store_message *message = calloc(1, sizeof(*message));

	if (message == NULL)
		return NULL;
	message->rcpts = calloc(fields->elements / 2 + 1, sizeof(*message->rcpts));
	if (message->rcpts == NULL) {
		free(message);
		return NULL;
	}
	message->answer = fields;
	store_record_fill(&message->fields, fields);
	rcpts_fill(message, fields);
	return message;
}

static int
message_take(redisReply *fields, int64_t ttl_s, struct store_message **message_r, struct err *err)
{
	if (fields->elements == 0) {
		freeReplyObject(fields);
		return 0;
	}
	*message_r = message_make(fields);
	if (*message_r == NULL) {
		freeReplyObject(fields);
		return err_set(err, ERR_NOMEM, "no memory");
	}
	(*message_r)->ttl_s = ttl_s;
	return 1;
}

static void
message_question(struct buf *out, const struct buf *key)
{
	static const char *const commands[] = {"HGETALL", "TTL"};

	for (size_t i = 0; i < 2; i++) {
		redis_command_begin(out, 2);
		redis_command_text(out, commands[i]);
		redis_command_word(out, buf_slice(key));
	}
}

int
store_admin_message_get(struct store_admin *admin, const char *account, struct slice id,
    struct store_message **message_r, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], id_storage[ID_BYTES], storage[2 * REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf lower = BUF_OVER(id_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *fields, *ttl;
	int status;

	*message_r = NULL;
	buf_add_lower(&lower, id);
	redis_key_message(&key, admin->target.conf.prefix, account, buf_slice(&lower));
	if (lower.over || key.over)
		return 0;
	message_question(&out, &key);
	if (store_admin_send(admin, buf_slice(&out), err) != 0)
		return -1;
	fields = store_admin_receive(admin, err);
	ttl = fields == NULL ? NULL : store_admin_receive(admin, err);
	if (ttl == NULL) {
		if (fields != NULL)
			freeReplyObject(fields);
		return -1;
	}
	status = message_take(fields, store_admin_number(ttl), message_r, err);
	freeReplyObject(ttl);
	return status;
}

void
store_message_free(struct store_message *message)
{
	if (message == NULL)
		return;
	freeReplyObject(message->answer);
	free(message->rcpts);
	free(message);
}

/* --- suppression --- */

int
store_admin_suppression_get(struct store_admin *admin, const char *account,
    const struct address *rcpt, struct suppression *suppression_r, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], field_storage[SUPPRESSION_KEY_BYTES];
	char storage[sizeof(key_storage) + sizeof(field_storage) + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf field = BUF_OVER(field_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	bool found;

	*suppression_r = (struct suppression){.reason = SUPPRESSED_NOT};
	redis_key_supp(&key, admin->target.conf.prefix, account);
	suppression_key(rcpt, &field);
	if (key.over)
		return err_set(err, ERR_INVALID, "the account's name is too long");
	redis_command_begin(&out, 3);
	redis_command_text(&out, "HMGET");
	redis_command_word(&out, buf_slice(&key));
	redis_command_word(&out, buf_slice(&field));
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	found = reply->elements == 1 && reply->element[0]->type == REDIS_REPLY_STRING;
	if (found)
		suppression_read(redis_reply_text(reply->element[0]), suppression_r);
	freeReplyObject(reply);
	return found;
}

/* --- limits --- */

/* Reads n numbers of an answer; 0 for what is not there. */
static int
numbers_receive(struct store_admin *admin, int64_t *numbers_r, size_t n, struct err *err)
{
	redisReply *reply = store_admin_receive(admin, err);

	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		numbers_r[i] = i < reply->elements ? store_admin_number(reply->element[i]) : 0;
	freeReplyObject(reply);
	return 0;
}

int
store_admin_limits(struct store_admin *admin, const char *account, const char *lane,
    struct store_limits *limits_r, struct err *err)
{
	static const char *const time[] = {"TIME", NULL};
	const char *prefix = admin->target.conf.prefix;
	char rate_storage[REDIS_KEY_BYTES], warm_storage[REDIS_KEY_BYTES];
	char storage[2 * REDIS_KEY_BYTES + 256];
	struct buf rate = BUF_OVER(rate_storage);
	struct buf warm = BUF_OVER(warm_storage);
	struct buf out = BUF_OVER(storage);
	int64_t t[2], b[3], w[3];

	redis_key_rate(&rate, prefix, account);
	redis_key_warm(&warm, prefix, lane);
	if (rate.over || warm.over)
		return err_set(err, ERR_INVALID, "the name of the account or its lane is too long");
	redis_command_add(&out, time);
	redis_command_add(
	    &out, (const char *const[]){"HMGET", buf_text(&rate), "tat_us", "day", "count", NULL});
	redis_command_add(
	    &out, (const char *const[]){"HMGET", buf_text(&warm), "step", "day", "count", NULL});
	if (store_admin_send(admin, buf_slice(&out), err) != 0 ||
	    numbers_receive(admin, t, 2, err) != 0 || numbers_receive(admin, b, 3, err) != 0 ||
	    numbers_receive(admin, w, 3, err) != 0)
		return -1;
	limits_r->now_us = t[0] * LIMIT_US_PER_S + t[1];
	limits_r->bucket = (struct limit_bucket){b[0], b[1], b[2]};
	limits_r->warmth = (struct limit_warmth){w[0], w[1], w[2]};
	return 0;
}
