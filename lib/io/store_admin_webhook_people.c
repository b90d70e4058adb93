/*
 * store_admin_webhook_people.c - see store_admin_webhook.h: how a webhook is doing, and its dead list.
 */
#include "io/hook_retry_lua.h"
#include "io/store_admin_webhook_parts.h"

#define RETRY_BYTES    (WEBHOOK_KEYS_BYTES + 256)
#define QUESTION_BYTES (REDIS_KEY_BYTES + 256)

/* A command of one key, and what else there is to it. */
static void
key_command(struct buf *out, const char *command, struct slice key)
{
	buf_reset(out);
	redis_command_begin(out, 2);
	redis_command_text(out, command);
	redis_command_word(out, key);
}

static void
text_copy(char *to, size_t room, struct slice text)
{
	struct buf out;

	buf_init(&out, to, room - 1);
	buf_add(&out, slice_head(text, room - 1));
	to[out.n] = '\0';
}

/* The value by that name of [name, value, …], or an empty slice; *found_r is its reply. */
static struct slice
value_of(const redisReply *list, const char *name, const redisReply **found_r)
{
	for (size_t i = 0; i + 1 < list->elements; i += 2) {
		if (!slice_eq(redis_reply_text(list->element[i]), slice_of(name)))
			continue;
		if (found_r != NULL)
			*found_r = list->element[i + 1];
		return redis_reply_text(list->element[i + 1]);
	}
	return slice_make(NULL, 0);
}

static int64_t
number_of(const redisReply *list, const char *name)
{
	const redisReply *found = NULL;

	(void)value_of(list, name, &found);
	return found == NULL ? 0 : store_admin_number(found);
}

/* --- how it is doing --- */

static int
hash_read(
    struct store_admin *admin, struct slice key, struct store_webhook_state *state, struct err *err)
{
	char storage[QUESTION_BYTES];
	struct buf out = BUF_OVER(storage);
	redisReply *hash;

	key_command(&out, "HGETALL", key);
	hash = store_admin_ask(admin, buf_slice(&out), err);
	if (hash == NULL)
		return -1;
	state->seen = hash->elements > 0;
	state->delivered = number_of(hash, "delivered");
	state->failed = number_of(hash, "failed");
	state->died = number_of(hash, "dead");
	state->lost = number_of(hash, "lost");
	state->delivered_at_s = number_of(hash, "delivered_at");
	state->error_at_s = number_of(hash, "error_at");
	text_copy(state->error, sizeof(state->error), value_of(hash, "error", NULL));
	freeReplyObject(hash);
	return 0;
}

/* The number that a command answers, or -1. */
static int64_t
number_ask(struct store_admin *admin, const struct buf *out, struct err *err)
{
	if (out->over)
		return err_set(err, ERR_LIMIT, "a webhook's command is too long");
	return webhook_number(store_admin_ask(admin, buf_slice(out), err));
}

static int
length_read(
    struct store_admin *admin, const char *command, struct slice key, int64_t *n_r, struct err *err)
{
	char storage[QUESTION_BYTES];
	struct buf out = BUF_OVER(storage);

	key_command(&out, command, key);
	*n_r = number_ask(admin, &out, err);
	return *n_r < 0 ? -1 : 0;
}

/* Redis 7 knows how far behind the group is. */
static int
unread_read(struct store_admin *admin, struct slice key, int64_t *unread_r, struct err *err)
{
	char storage[QUESTION_BYTES];
	struct buf out = BUF_OVER(storage);
	redisReply *groups;

	*unread_r = -1;
	redis_command_begin(&out, 3);
	redis_command_text(&out, "XINFO");
	redis_command_text(&out, "GROUPS");
	redis_command_word(&out, key);
	groups = store_admin_ask(admin, buf_slice(&out), err);
	if (groups == NULL)
		return -1;
	for (size_t i = 0; i < groups->elements; i++) {
		const redisReply *lag = NULL;

		if (!slice_eq(value_of(groups->element[i], "name", NULL), slice_of("webhooks")))
			continue;
		(void)value_of(groups->element[i], "lag", &lag);
		if (lag != NULL && lag->type == REDIS_REPLY_INTEGER)
			*unread_r = lag->integer;
	}
	freeReplyObject(groups);
	return 0;
}

int
store_admin_webhook_state(struct store_admin *admin, const char *account,
    struct store_webhook_state *state_r, struct err *err)
{
	const char *prefix = admin->target.conf.prefix;
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	int64_t there;

	*state_r = (struct store_webhook_state){.unread = -1};
	redis_key_hook(&key, prefix, account, NULL);
	if (hash_read(admin, buf_slice(&key), state_r, err) != 0)
		return -1;
	buf_reset(&key);
	redis_key_hook(&key, prefix, account, "due");
	if (length_read(admin, "ZCARD", buf_slice(&key), &state_r->waiting, err) != 0)
		return -1;
	buf_reset(&key);
	redis_key_hook(&key, prefix, account, "dead");
	if (length_read(admin, "XLEN", buf_slice(&key), &state_r->dead, err) != 0)
		return -1;
	buf_reset(&key);
	redis_key_events(&key, prefix, account);
	if (length_read(admin, "EXISTS", buf_slice(&key), &there, err) != 0)
		return -1;
	return there == 0 ? 0 : unread_read(admin, buf_slice(&key), &state_r->unread, err);
}

/* --- the dead list --- */

/* What the event was, if it is kept still. */
static int
event_look(struct store_admin *admin, const char *account, struct store_webhook_dead *dead,
    struct err *err)
{
	char storage[QUESTION_BYTES], key_storage[REDIS_KEY_BYTES];
	struct buf out = BUF_OVER(storage), key = BUF_OVER(key_storage);
	redisReply *found;

	redis_key_events(&key, admin->target.conf.prefix, account);
	redis_command_begin(&out, 4);
	redis_command_text(&out, "XRANGE");
	redis_command_word(&out, buf_slice(&key));
	redis_command_text(&out, dead->entry);
	redis_command_text(&out, dead->entry);
	found = store_admin_ask(admin, buf_slice(&out), err);
	if (found == NULL)
		return -1;
	if (found->elements == 1 && found->element[0]->elements == 2) {
		const redisReply *fields = found->element[0]->element[1];

		text_copy(dead->type, sizeof(dead->type), value_of(fields, "type", NULL));
		text_copy(dead->msg, sizeof(dead->msg), value_of(fields, "msg", NULL));
	}
	freeReplyObject(found);
	return 0;
}

static void
dead_read(struct store_webhook_dead *dead, const redisReply *entry)
{
	const redisReply *fields = entry->element[1];

	*dead = (struct store_webhook_dead){
	    .tries = number_of(fields, "tries"), .time_s = number_of(fields, "time")};
	text_copy(dead->name, sizeof(dead->name), redis_reply_text(entry->element[0]));
	text_copy(dead->entry, sizeof(dead->entry), value_of(fields, "event", NULL));
	text_copy(dead->reason, sizeof(dead->reason), value_of(fields, "reason", NULL));
}

int
store_admin_webhook_dead(struct store_admin *admin, const char *account,
    store_webhook_dead_do *do_it, void *arg, struct err *err)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	struct store_stream stream;
	const redisReply *entry;
	int64_t kept_ms;
	int status;

	redis_key_hook(&key, admin->target.conf.prefix, account, "dead");
	store_stream_init(&stream, admin, buf_slice(&key));
	store_stream_range(&stream, 0, INT64_MAX, true);
	while ((status = store_stream_entry(&stream, &entry, &kept_ms, err)) == 1) {
		struct store_webhook_dead dead;

		dead_read(&dead, entry);
		status = event_look(admin, account, &dead, err);
		if (status == 0)
			status = do_it(arg, &dead, err);
		if (status != 0)
			break;
	}
	store_stream_fini(&stream);
	return status;
}

int
store_admin_webhook_retry(
    struct store_admin *admin, const char *account, const char *name, struct err *err)
{
	const struct webhook_script script = {hook_retry_lua, account};
	char storage[RETRY_BYTES];
	struct buf out = BUF_OVER(storage);

	if (webhook_script_begin(admin, &script, &out, 1, err) != 0)
		return -1;
	redis_command_text(&out, name);
	return (int)webhook_number(webhook_script_ask(admin, &script, &out, err));
}

int
store_admin_webhook_drop(
    struct store_admin *admin, const char *account, const char *name, struct err *err)
{
	char storage[QUESTION_BYTES], key_storage[REDIS_KEY_BYTES];
	struct buf out = BUF_OVER(storage), key = BUF_OVER(key_storage);

	redis_key_hook(&key, admin->target.conf.prefix, account, "dead");
	redis_command_begin(&out, 3);
	redis_command_text(&out, "XDEL");
	redis_command_word(&out, buf_slice(&key));
	redis_command_text(&out, name);
	return (int)number_ask(admin, &out, err);
}
