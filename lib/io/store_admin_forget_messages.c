/*
 * store_admin_forget_messages.c - see store_admin_forget.h: messages, without him.
 */
#include "io/redis_command.h"
#include "io/store_admin_forget_parts.h"

/* Not, should it have expired meanwhile: the key would stay for ever. */
static const char set_lua[] = "if redis.call('EXISTS', KEYS[1]) == 1 then "
			      "return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end return 0";

static const char rename_lua[] = "local state = redis.call('HMGET', KEYS[1], ARGV[1])[1] "
				 "if not state then return 0 end "
				 "redis.call('HSET', KEYS[1], ARGV[2], state) "
				 "return redis.call('HDEL', KEYS[1], ARGV[1])";

/* A field's name and value that are longer are none of ours: they go. */
#define VALUE_BYTES   ((size_t)32 * 1024)
#define COMMAND_BYTES (FORGET_VALUE_BYTES(VALUE_BYTES) + REDIS_KEY_BYTES + 1024)

/* One command about a field of the message; value NULL: it goes. */
static int
field_do(struct forgetting *f, struct slice key, struct slice name, const struct slice *value,
    struct err *err)
{
	char storage[COMMAND_BYTES];
	struct buf out = BUF_OVER(storage);

	redis_command_begin(&out, value == NULL ? 3 : 6);
	redis_command_text(&out, value == NULL ? "HDEL" : "EVAL");
	if (value != NULL) {
		redis_command_text(&out, set_lua);
		redis_command_text(&out, "1");
	}
	redis_command_word(&out, key);
	redis_command_word(&out, name);
	if (value != NULL)
		redis_command_word(&out, *value);
	if (out.over)
		return err_set(err, ERR_IO, "Redis: a field of a message is too long");
	return forget_ask(f, buf_slice(&out), err) < 0 ? -1 : 0;
}

static int
field_forget(struct forgetting *f, const struct forget_message *m, struct slice name,
    struct slice value, struct err *err)
{
	char storage[FORGET_VALUE_BYTES(VALUE_BYTES)];
	struct buf room = BUF_OVER(storage);
	struct slice before = value;

	if (slice_starts(name, slice_of("rcpt:")))
		return 0; /* another's, or his: see below */
	if (value.n > VALUE_BYTES || !forget_field(f->wish->person,
					 m->only ? FORGET_HIS : FORGET_OTHERS, name, &value, &room))
		return field_do(f, m->key, name, NULL, err);
	return slice_eq(value, before) ? 0 : field_do(f, m->key, name, &value, err);
}

/* What became of him is kept by the mark. */
static int
rcpt_forget(struct forgetting *f, const struct forget_message *m, struct err *err)
{
	char storage[REDIS_KEY_BYTES + sizeof(rename_lua) + REDIS_RCPT_FIELD_BYTES + 200];
	char name_storage[REDIS_RCPT_FIELD_BYTES];
	struct buf out = BUF_OVER(storage), name = BUF_OVER(name_storage);

	buf_add_text(&name, "rcpt:");
	buf_add(&name, f->wish->person->address);
	redis_command_begin(&out, 6);
	redis_command_text(&out, "EVAL");
	redis_command_text(&out, rename_lua);
	redis_command_text(&out, "1");
	redis_command_word(&out, m->key);
	redis_command_word(&out, buf_slice(&name));
	redis_command_text(&out, FORGET_RCPT_FIELD);
	return forget_ask(f, buf_slice(&out), err) < 0 ? -1 : 0;
}

static int
message_forget(struct forgetting *f, const struct forget_message *m, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 64];
	struct buf out = BUF_OVER(storage);
	redisReply *list;
	int status = 0;

	redis_command_begin(&out, 2);
	redis_command_text(&out, "HGETALL");
	redis_command_word(&out, m->key);
	list = store_admin_ask(f->admin, buf_slice(&out), err);
	if (list == NULL)
		return -1;
	for (size_t i = 0; status == 0 && i + 1 < list->elements; i += 2)
		status = field_forget(f, m, redis_reply_text(list->element[i]),
		    redis_reply_text(list->element[i + 1]), err);
	freeReplyObject(list);
	/* last: by it the message is found, should it be broken off */
	return status == 0 ? rcpt_forget(f, m, err) : -1;
}

int
forget_messages(struct forgetting *f, struct err *err)
{
	struct store_forget_counts *counts = &f->counts[STORE_FORGET_MESSAGES_KEPT];

	for (const struct forget_message *m = f->found; m != NULL; m = m->next) {
		counts->found++;
		if (f->wish->only_count)
			continue;
		if (message_forget(f, m, err) != 0)
			return -1;
		counts->done++;
	}
	return 0;
}
