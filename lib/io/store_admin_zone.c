/*
 * store_admin_zone.c - see store_admin_zone.h.
 */
#include "io/store_admin_zone.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/store_admin_parts.h"

int
store_admin_zone(
    struct store_admin *admin, struct slice name, struct redis_zone_row *row_r, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	int found;

	*row_r = (struct redis_zone_row){.ms = -1};
	redis_key_dnsbl(&key, admin->target.conf.prefix, name);
	redis_command_begin(&out, 2);
	redis_command_text(&out, "HGETALL");
	redis_command_word(&out, buf_slice(&key));
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	for (size_t i = 0; i + 1 < reply->elements; i += 2)
		redis_zone_field(row_r, redis_reply_text(reply->element[i]),
		    redis_reply_text(reply->element[i + 1]));
	found = reply->elements > 0;
	freeReplyObject(reply);
	return found;
}

int
store_admin_list_has(
    struct store_admin *admin, enum store_list list, struct slice member, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 512];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	int has;

	redis_key_list(&key, admin->target.conf.prefix, list);
	redis_command_begin(&out, 3);
	redis_command_text(&out, "SISMEMBER");
	redis_command_word(&out, buf_slice(&key));
	redis_command_word(&out, member);
	if (out.over)
		return err_set(err, ERR_INVALID, "the entry is too long");
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	has = store_admin_number(reply) > 0;
	freeReplyObject(reply);
	return has;
}
