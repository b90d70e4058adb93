/*
 * store_admin_sweep.c - see store_admin_sweep.h.
 */
#include "io/store_admin_sweep.h"

#include "io/redis_command.h"

#include <stdlib.h>

/* Roughly how many keys one SCAN looks at. */
#define SCAN_COUNT "1000"

#define CURSOR_BYTES 24

static redisReply *
page_ask(struct store_admin *admin, const char *pattern, const char *cursor, struct err *err)
{
	char pattern_storage[REDIS_PREFIX_BYTES + 64], storage[REDIS_PREFIX_BYTES + 256];
	struct buf match = BUF_OVER(pattern_storage);
	struct buf out = BUF_OVER(storage);

	buf_add_text(&match, admin->target.conf.prefix);
	buf_add_text(&match, pattern);
	redis_command_add(&out, (const char *const[]){"SCAN", cursor, "MATCH", buf_text(&match),
				    "COUNT", SCAN_COUNT, NULL});
	return store_admin_ask(admin, buf_slice(&out), err);
}

static int
page_take(const redisReply *list, store_sweep_take *take, void *arg, struct err *err)
{
	struct slice *keys = calloc(list->elements + 1, sizeof(*keys));
	int status;

	if (keys == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	for (size_t i = 0; i < list->elements; i++)
		keys[i] = redis_reply_text(list->element[i]);
	status = take(arg, keys, list->elements, err);
	free(keys);
	return status;
}

int
store_admin_sweep(struct store_admin *admin, const char *pattern, store_sweep_take *take, void *arg,
    struct err *err)
{
	char cursor[CURSOR_BYTES] = "0";

	do {
		redisReply *page = page_ask(admin, pattern, cursor, err);
		struct slice next;
		int status;

		if (page == NULL)
			return -1;
		next = page->elements == 2 && page->element[1]->type == REDIS_REPLY_ARRAY
			   ? redis_reply_text(page->element[0])
			   : slice_make(NULL, 0);
		if (next.n == 0 || next.n >= sizeof(cursor)) {
			freeReplyObject(page);
			return err_set(err, ERR_IO, "Redis: an odd answer to SCAN");
		}
		memcpy(cursor, next.p, next.n);
		cursor[next.n] = '\0';
		status = page_take(page->element[1], take, arg, err);
		freeReplyObject(page);
		if (status != 0)
			return status;
	} while (strcmp(cursor, "0") != 0);
	return 0;
}
