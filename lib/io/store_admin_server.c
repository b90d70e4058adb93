/*
 * store_admin_server.c - see store_admin_server.h.
 */
#include "io/store_admin_server.h"

#include "io/store_admin_parts.h"

#include <time.h>

static int64_t
wall_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
store_admin_time(struct store_admin *admin, int64_t *now_s_r, int64_t *ahead_ms_r, struct err *err)
{
	static const struct slice command = SLICE_LIT("*1\r\n$4\r\nTIME\r\n");
	int64_t before_ms = wall_ms();
	redisReply *reply = store_admin_ask(admin, command, err);
	int64_t after_ms = wall_ms();
	int64_t there_ms;

	if (reply == NULL)
		return -1;
	if (reply->elements != 2) {
		freeReplyObject(reply);
		return err_set(err, ERR_IO, "Redis: an odd answer to TIME");
	}
	*now_s_r = store_admin_number(reply->element[0]);
	there_ms = *now_s_r * 1000 + store_admin_number(reply->element[1]) / 1000;
	*ahead_ms_r = there_ms - (before_ms + (after_ms - before_ms) / 2);
	freeReplyObject(reply);
	return 0;
}

/* True when "NAME:VALUE" is a line of the text. */
static bool
has_line(struct slice text, const char *name, const char *value)
{
	while (text.n > 0) {
		struct slice line = slice_trim(slice_head(text, slice_find(text, '\n')));
		size_t colon = slice_find(line, ':');

		if (slice_eq(slice_head(line, colon), slice_of(name)) &&
		    slice_eq(slice_from(line, colon + 1), slice_of(value)))
			return true;
		text = slice_from(text, slice_find(text, '\n') + 1);
	}
	return false;
}

/* CONFIG may be forbidden to us: then it is not known. */
static void
saves_ask(struct store_admin *admin, struct store_persistence *p)
{
	static const struct slice command = SLICE_LIT(
	    "*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$4\r\nsave\r\n");
	struct err err;
	redisReply *reply = store_admin_ask(admin, command, &err);

	if (reply == NULL)
		return;
	p->saves_known = reply->elements == 2;
	p->saves = p->saves_known && redis_reply_text(reply->element[1]).n > 0;
	freeReplyObject(reply);
}

int
store_admin_persistence(struct store_admin *admin, struct store_persistence *p_r, struct err *err)
{
	static const struct slice command = SLICE_LIT("*2\r\n$4\r\nINFO\r\n$11\r\npersistence\r\n");
	redisReply *reply = store_admin_ask(admin, command, err);
	struct slice text;

	if (reply == NULL)
		return -1;
	text = redis_reply_text(reply);
	*p_r = (struct store_persistence){.aof = has_line(text, "aof_enabled", "1")};
	p_r->failing = has_line(text, "rdb_last_bgsave_status", "err") ||
		       has_line(text, "aof_last_write_status", "err");
	freeReplyObject(reply);
	saves_ask(admin, p_r);
	return 0;
}
