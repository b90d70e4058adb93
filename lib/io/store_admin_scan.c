/*
 * store_admin_scan.c - see store_admin.h: the iterators over keys and members (SCAN, SSCAN).
 */
#include "io/store_admin_parts.h"

#include "io/redis_command.h"
#include "io/redis_key.h"

#include <stdlib.h>

/* Keys that are asked about in one round trip, and roughly how many one SCAN looks at. */
#define BATCH      32
#define SCAN_COUNT "1000"

/* HMGET with four fields, and TTL. */
#define ROW_BYTES (2 * REDIS_KEY_BYTES + 160)

struct store_scan {
	struct store_admin *admin;
	char key[REDIS_KEY_BYTES]; /* of the set, or "" for keys */
	char cursor[24];
	bool begun;
	redisReply *page; /* what SCAN answered: the cursor, and an array */
	size_t at;        /* the element of the page that is next */
	struct store_grey_row rows[BATCH];
	size_t n_rows;
	size_t row;
	char commands[BATCH * ROW_BYTES];
};

static struct store_scan *
scan_new(struct store_admin *admin, struct err *err)
{
	struct store_scan *scan = calloc(1, sizeof(*scan));

	if (scan == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	scan->admin = admin;
	memcpy(scan->cursor, "0", 2);
	return scan;
}

void
store_scan_free(struct store_scan *scan)
{
	if (scan == NULL)
		return;
	if (scan->page != NULL)
		freeReplyObject(scan->page);
	free(scan);
}

struct store_scan *
store_admin_grey_scan(struct store_admin *admin, struct err *err)
{
	return scan_new(admin, err);
}

struct store_scan *
store_admin_list_scan(struct store_admin *admin, enum store_list list, struct err *err)
{
	struct store_scan *scan = scan_new(admin, err);
	struct buf key;

	if (scan == NULL)
		return NULL;
	buf_init(&key, scan->key, sizeof(scan->key));
	redis_key_list(&key, admin->target.conf.prefix, list);
	(void)buf_text(&key);
	return scan;
}

/* "SSCAN KEY CURSOR COUNT n", or "SCAN CURSOR MATCH PREFIXgrey:{* COUNT n". */
static void
page_command(struct buf *out, const struct store_scan *scan)
{
	char storage[REDIS_PREFIX_BYTES + 16];
	struct buf pattern = BUF_OVER(storage);
	const char *keys[] = {"SCAN", scan->cursor, "MATCH", NULL, "COUNT", SCAN_COUNT, NULL};
	const char *members[] = {"SSCAN", scan->key, scan->cursor, "COUNT", SCAN_COUNT, NULL};

	buf_add_text(&pattern, scan->admin->target.conf.prefix);
	buf_add_text(&pattern, "grey:{*");
	keys[3] = buf_text(&pattern);
	redis_command_add(out, scan->key[0] != '\0' ? members : keys);
}

/* 1 with a new page, 0 when the last one was the end, or -1. */
static int
page_next(struct store_scan *scan, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 128];
	struct buf out = BUF_OVER(storage);
	struct slice cursor;
	redisReply *page;

	if (scan->begun && strcmp(scan->cursor, "0") == 0)
		return 0;
	page_command(&out, scan);
	page = store_admin_ask(scan->admin, buf_slice(&out), err);
	if (page == NULL)
		return -1;
	cursor = page->elements == 2 ? redis_reply_text(page->element[0]) : slice_of(NULL);
	if (cursor.n == 0 || cursor.n >= sizeof(scan->cursor)) {
		freeReplyObject(page);
		return err_set(err, ERR_IO, "Redis: an odd answer to SCAN");
	}
	if (scan->page != NULL)
		freeReplyObject(scan->page);
	scan->page = page;
	scan->at = 0;
	scan->begun = true;
	memcpy(scan->cursor, cursor.p, cursor.n);
	scan->cursor[cursor.n] = '\0';
	return 1;
}

/* 1 with the next key or member, 0 at the end of all pages, or -1. */
static int
text_next(struct store_scan *scan, struct slice *text_r, struct err *err)
{
	while (scan->page == NULL || scan->at >= scan->page->element[1]->elements) {
		int status = page_next(scan, err);

		if (status <= 0)
			return status;
	}
	*text_r = redis_reply_text(scan->page->element[1]->element[scan->at++]);
	return 1;
}

int
store_scan_member(struct store_scan *scan, struct slice *member_r, struct err *err)
{
	return text_next(scan, member_r, err);
}

static void
row_command(struct buf *out, struct slice key)
{
	redis_command_begin(out, 6);
	redis_command_text(out, "HMGET");
	redis_command_word(out, key);
	redis_command_text(out, "first");
	redis_command_text(out, "last");
	redis_command_text(out, "tries");
	redis_command_text(out, "passed");
	redis_command_begin(out, 2);
	redis_command_text(out, "TTL");
	redis_command_word(out, key);
}

/* Names the next tuples of this page, as many as are asked about at once. A batch does not reach
 * beyond its page, whose bytes the rows point to. */
static int
rows_name(struct store_scan *scan, struct buf *out, struct err *err)
{
	const char *prefix = scan->admin->target.conf.prefix;
	struct redis_grey_name name;
	struct slice key;

	scan->n_rows = scan->row = 0;
	while (scan->n_rows == 0 ||
	       (scan->n_rows < BATCH && scan->at < scan->page->element[1]->elements)) {
		int status = text_next(scan, &key, err);

		if (status <= 0)
			return status;
		if (key.n > REDIS_KEY_BYTES || redis_key_grey_parse(key, prefix, &name) != 0)
			continue; /* not ours: the pattern is wider than the names */
		scan->rows[scan->n_rows++] = (struct store_grey_row){.key = key,
		    .identity = name.identity,
		    .sender = name.sender,
		    .rcpt = name.rcpt};
		row_command(out, key);
	}
	return 1;
}

static int
row_receive(struct store_scan *scan, struct store_grey_row *row, struct err *err)
{
	struct deadline until = deadline_in_ms(STORE_ADMIN_TIMEOUT_MS);
	redisReply *reply;

	if (redis_conn_receive(&scan->admin->conn, &reply, until, err) != 0)
		return -1;
	/* a key of another type answers with an error: it is no tuple, and hides no other */
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 4) {
		row->tuple.first = store_admin_number(reply->element[0]);
		row->tuple.last = store_admin_number(reply->element[1]);
		row->tuple.tries = store_admin_number(reply->element[2]);
		row->tuple.passed = store_admin_number(reply->element[3]);
	}
	freeReplyObject(reply);
	reply = store_admin_receive(scan->admin, err);
	if (reply == NULL)
		return -1;
	row->ttl_s = store_admin_number(reply);
	freeReplyObject(reply);
	return 0;
}

/* 1 with rows, 0 at the end, or -1. */
static int
rows_next(struct store_scan *scan, struct err *err)
{
	struct buf out = BUF_OVER(scan->commands);
	int status = rows_name(scan, &out, err);

	if (status <= 0)
		return status;
	if (store_admin_send(scan->admin, buf_slice(&out), err) != 0)
		return -1;
	for (size_t i = 0; i < scan->n_rows; i++) {
		if (row_receive(scan, &scan->rows[i], err) != 0)
			return -1;
	}
	return 1;
}

int
store_scan_grey(struct store_scan *scan, struct store_grey_row *row_r, struct err *err)
{
	do {
		if (scan->row == scan->n_rows) {
			int status = rows_next(scan, err);

			if (status <= 0)
				return status;
		}
		*row_r = scan->rows[scan->row++];
	} while (row_r->tuple.tries == 0); /* expired since it was named */
	return 1;
}
