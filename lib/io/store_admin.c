/*
 * store_admin.c - see store_admin.h: the connection, and the questions with one answer.
 */
#include "io/store_admin_parts.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/redis_probe.h"
#include "io/store_lists.h"

#include <stdlib.h>

static struct deadline
admin_until(void)
{
	return deadline_in_ms(STORE_ADMIN_TIMEOUT_MS);
}

struct store_admin *
store_admin_new(const struct redis_conf *conf, struct err *err)
{
	struct store_admin *admin = calloc(1, sizeof(*admin));

	if (admin == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	if (redis_target_init(&admin->target, conf, err) != 0) {
		free(admin);
		return NULL;
	}
	if (redis_conn_open(&admin->conn, &admin->target, admin_until(), err) == 0)
		return admin;
	store_admin_free(admin);
	return NULL;
}

void
store_admin_free(struct store_admin *admin)
{
	if (admin == NULL)
		return;
	redis_conn_close(&admin->conn);
	redis_target_fini(&admin->target);
	free(admin);
}

int
store_admin_send(struct store_admin *admin, struct slice commands, struct err *err)
{
	if (!redis_conn_is_open(&admin->conn) &&
	    redis_conn_open(&admin->conn, &admin->target, admin_until(), err) != 0)
		return -1;
	return redis_conn_send(&admin->conn, commands, admin_until(), err);
}

redisReply *
store_admin_receive_any(struct store_admin *admin, struct err *err)
{
	redisReply *reply;

	if (redis_conn_receive(&admin->conn, &reply, admin_until(), err) != 0)
		return NULL;
	return reply;
}

redisReply *
store_admin_check(struct store_admin *admin, redisReply *reply, struct err *err)
{
	if (reply == NULL || redis_reply_check(reply, err) == 0)
		return reply;
	freeReplyObject(reply);
	redis_conn_close(&admin->conn); /* there may be more answers on their way */
	return NULL;
}

redisReply *
store_admin_receive(struct store_admin *admin, struct err *err)
{
	return store_admin_check(admin, store_admin_receive_any(admin, err), err);
}

redisReply *
store_admin_ask(struct store_admin *admin, struct slice command, struct err *err)
{
	if (store_admin_send(admin, command, err) != 0)
		return NULL;
	return store_admin_receive(admin, err);
}

/* The decimal number at the front of text (18 digits of it), or 0. */
static int64_t
number_parse(struct slice text)
{
	bool negative = text.n > 0 && text.p[0] == '-';
	int64_t number = 0;

	for (size_t i = negative ? 1 : 0; i < text.n && i < 18 && ascii_is_digit(text.p[i]); i++)
		number = number * 10 + (text.p[i] - '0');
	return negative ? -number : number;
}

int64_t
store_admin_number(const redisReply *reply)
{
	if (reply->type == REDIS_REPLY_INTEGER)
		return reply->integer;
	return number_parse(redis_reply_text(reply));
}

/* The value of "NAME:VALUE\r\n" in an INFO text, cut to the room there is. */
static struct slice
info_find(struct slice text, const char *name)
{
	struct slice wanted = slice_of(name);

	while (text.n > 0) {
		size_t end = slice_find(text, '\n');
		struct slice line = slice_head(text, end);

		if (slice_starts(line, wanted) && line.n > wanted.n && line.p[wanted.n] == ':')
			return slice_trim(slice_from(line, wanted.n + 1));
		text = slice_from(text, end + 1);
	}
	return slice_make(NULL, 0);
}

static void
info_text(struct slice text, const char *name, char *out, size_t room)
{
	struct buf to;

	buf_init(&to, out, room);
	buf_add(&to, info_find(text, name));
	(void)buf_text(&to);
}

int
store_admin_info(struct store_admin *admin, struct store_info *info_r, struct err *err)
{
	static const struct slice ping = SLICE_LIT("*1\r\n$4\r\nPING\r\n");
	static const struct slice info = SLICE_LIT("*1\r\n$4\r\nINFO\r\n");
	int64_t began_us = deadline_now_us();
	redisReply *reply = store_admin_ask(admin, ping, err);
	struct slice text;

	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	info_r->latency_us = deadline_now_us() - began_us;
	reply = store_admin_ask(admin, info, err);
	if (reply == NULL)
		return -1;
	text = redis_reply_text(reply);
	info_text(text, "redis_version", info_r->version, sizeof(info_r->version));
	info_text(text, "role", info_r->role, sizeof(info_r->role));
	info_text(
	    text, "maxmemory_policy", info_r->maxmemory_policy, sizeof(info_r->maxmemory_policy));
	info_r->maxmemory = number_parse(info_find(text, "maxmemory"));
	info_r->used_memory = number_parse(info_find(text, "used_memory"));
	freeReplyObject(reply);
	return 0;
}

int
store_admin_probe(struct store_admin *admin, struct err *err)
{
	redis_conn_close(&admin->conn);
	return redis_probe(&admin->conn, &admin->target, admin_until(), err);
}

/* A command whose answer is a number: that, or -1. */
static int
number_ask(struct store_admin *admin, struct slice command, struct err *err)
{
	redisReply *reply = store_admin_ask(admin, command, err);
	int number;

	if (reply == NULL)
		return -1;
	number = store_admin_number(reply) > 0;
	freeReplyObject(reply);
	return number;
}

int
store_admin_delete(struct store_admin *admin, struct slice key, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 64];
	struct buf out = BUF_OVER(storage);

	redis_command_begin(&out, 2);
	redis_command_text(&out, "DEL");
	redis_command_word(&out, key);
	if (out.over)
		return err_set(err, ERR_INVALID, "the key is too long");
	return number_ask(admin, buf_slice(&out), err);
}

static int
list_change(struct store_admin *admin, const char *command, enum store_list list,
    struct slice member, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES];
	char storage[REDIS_KEY_BYTES + ADDRESS_PATTERN_MAX_BYTES + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	redis_key_list(&key, admin->target.conf.prefix, list);
	redis_command_begin(&out, 3);
	redis_command_text(&out, command);
	redis_command_word(&out, buf_slice(&key));
	redis_command_word(&out, member);
	if (out.over)
		return err_set(err, ERR_INVALID, "the entry is too long");
	return number_ask(admin, buf_slice(&out), err);
}

int
store_admin_list_add(
    struct store_admin *admin, enum store_list list, struct slice member, struct err *err)
{
	if (store_lists_check(list, member, err) != 0)
		return -1;
	return list_change(admin, "SADD", list, member, err);
}

int
store_admin_list_remove(
    struct store_admin *admin, enum store_list list, struct slice member, struct err *err)
{
	/* unchecked: what somebody else put in wrongly must be removable */
	return list_change(admin, "SREM", list, member, err);
}

int
store_admin_stat(
    struct store_admin *admin, int64_t unix_s, int64_t counts_r[STAT_COUNT], struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;

	memset(counts_r, 0, STAT_COUNT * sizeof(*counts_r));
	redis_key_stat(&key, admin->target.conf.prefix, unix_s);
	redis_command_begin(&out, 2);
	redis_command_text(&out, "HGETALL");
	redis_command_word(&out, buf_slice(&key));
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i + 1 < reply->elements; i += 2) {
		unsigned stat = stat_find(redis_reply_text(reply->element[i]));

		if (stat < STAT_COUNT)
			counts_r[stat] = store_admin_number(reply->element[i + 1]);
	}
	freeReplyObject(reply);
	return 0;
}
