/*
 * store_admin_forget_counts.c - see store_admin_forget.h: what is only counted, without him.
 *
 * The fields of PREFIXhits:{ACCOUNT}:DAY are made of tags and links, in which he may stand. What was
 * counted under such a name is added to that without him.
 */
#include "io/redis_command.h"
#include "io/store_admin_forget_parts.h"

#define CURSOR_BYTES 24
#define HSCAN_COUNT  "1000"

/* A longer field is none that we wrote, and goes. */
#define FIELD_BYTES   ((size_t)4096)
#define COMMAND_BYTES (6 * FIELD_BYTES + REDIS_KEY_BYTES + 1024)

/* First the new, so that the key never ends, and with it its time to live. */
static const char move_lua[] =
    "local n = redis.call('HMGET', KEYS[1], ARGV[1])[1] "
    "if not n then return 0 end "
    "if ARGV[2] ~= '' then redis.call('HINCRBY', KEYS[1], ARGV[2], tonumber(n) or 0) end "
    "return redis.call('HDEL', KEYS[1], ARGV[1])";

/* To what the field is added; empty: to nothing. False: it stays. */
static bool
name_scrub(const struct forgetting *f, struct slice field, struct buf *out)
{
	bool named = forget_scrub(f->wish->person, slice_head(field, FIELD_BYTES), out);

	if (named && (field.n > FIELD_BYTES || out->over))
		buf_reset(out);
	return named;
}

static int
field_forget(struct forgetting *f, struct slice key, struct slice field, struct err *err)
{
	struct store_forget_counts *counts = &f->counts[STORE_FORGET_COUNTS];
	char name_storage[FORGET_VALUE_BYTES(FIELD_BYTES)], storage[COMMAND_BYTES];
	struct buf name = BUF_OVER(name_storage), out = BUF_OVER(storage);
	int done;

	if (!name_scrub(f, field, &name))
		return 0;
	counts->found++;
	if (f->wish->only_count)
		return 0;
	redis_command_begin(&out, 6);
	redis_command_text(&out, "EVAL");
	redis_command_text(&out, move_lua);
	redis_command_text(&out, "1");
	redis_command_word(&out, key);
	redis_command_word(&out, field);
	redis_command_word(&out, buf_slice(&name));
	if (out.over)
		return err_set(err, ERR_IO, "Redis: a field of counts is too long");
	done = forget_ask(f, buf_slice(&out), err);
	counts->done += done > 0;
	return done < 0 ? -1 : 0;
}

static int
page_forget(struct forgetting *f, struct slice key, const redisReply *page,
    char cursor[CURSOR_BYTES], struct err *err)
{
	bool whole = page->elements == 2 && page->element[1]->type == REDIS_REPLY_ARRAY;
	struct slice next = whole ? redis_reply_text(page->element[0]) : slice_make(NULL, 0);

	if (next.n == 0 || next.n >= CURSOR_BYTES)
		return err_set(err, ERR_IO, "Redis: an odd answer to HSCAN");
	memcpy(cursor, next.p, next.n);
	cursor[next.n] = '\0';
	for (size_t i = 0; i + 1 < page->element[1]->elements; i += 2) {
		struct slice field = redis_reply_text(page->element[1]->element[i]);

		if (field_forget(f, key, field, err) != 0)
			return -1;
	}
	return 0;
}

int
forget_counts(struct forgetting *f, struct slice key, struct err *err)
{
	char cursor[CURSOR_BYTES] = "0";
	int status = 0;

	if (key.n > REDIS_KEY_BYTES)
		return 0;
	do {
		char storage[REDIS_KEY_BYTES + 160];
		struct buf out = BUF_OVER(storage);
		redisReply *page;

		redis_command_begin(&out, 5);
		redis_command_text(&out, "HSCAN");
		redis_command_word(&out, key);
		redis_command_text(&out, cursor);
		redis_command_text(&out, "COUNT");
		redis_command_text(&out, HSCAN_COUNT);
		page = store_admin_ask(f->admin, buf_slice(&out), err);
		if (page == NULL)
			return -1;
		status = page_forget(f, key, page, cursor, err);
		freeReplyObject(page);
	} while (status == 0 && strcmp(cursor, "0") != 0);
	return status;
}
