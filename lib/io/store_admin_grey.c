/*
 * store_admin_grey.c - see store_admin_grey.h.
 */
#include "io/store_admin_grey.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/store_admin_parts.h"

#include <stdlib.h>

/* How many keys one SCAN looks at, roughly: they are asked about in one round trip. */
#define SCAN_COUNT "500"

/* HMGET with four fields at most, and TTL. */
#define QUESTION_BYTES (2 * REDIS_KEY_BYTES + 160)

static const char *const tuple_fields[] = {"first", "last", "tries", "passed", NULL};
static const char *const known_fields[] = {"passes", "last_counted", "last", NULL};

struct store_known_scan {
	struct store_admin *admin;
	char cursor[24];
	bool begun;
	redisReply *page;             /* what SCAN answered: the cursor, and an array of keys */
	struct store_known_row *rows; /* of the page, all answers read: others may ask meanwhile */
	size_t n_rows;
	size_t row;
};

/* HMGET key fields…, and TTL key. */
static void
question_add(struct buf *out, struct slice key, const char *const *fields)
{
	unsigned n = 0;

	while (fields[n] != NULL)
		n++;
	redis_command_begin(out, n + 2);
	redis_command_text(out, "HMGET");
	redis_command_word(out, key);
	for (unsigned i = 0; i < n; i++)
		redis_command_text(out, fields[i]);
	redis_command_begin(out, 2);
	redis_command_text(out, "TTL");
	redis_command_word(out, key);
}

/* Reads both answers. 1, 0 when there is no such hash (or something else by its name), or -1. */
static int
answer_read(struct store_admin *admin, int64_t values[4], int64_t *ttl_r, struct err *err)
{
	struct deadline until = deadline_in_ms(STORE_ADMIN_TIMEOUT_MS);
	bool found = false;
	redisReply *reply;

	memset(values, 0, 4 * sizeof(*values));
	if (redis_conn_receive(&admin->conn, &reply, until, err) != 0)
		return -1;
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements && i < 4; i++) {
		found = found || reply->element[i]->type == REDIS_REPLY_STRING;
		values[i] = store_admin_number(reply->element[i]);
	}
	freeReplyObject(reply);
	if (redis_conn_receive(&admin->conn, &reply, until, err) != 0)
		return -1;
	*ttl_r = store_admin_number(reply);
	freeReplyObject(reply);
	return found;
}

static int
question_ask(struct store_admin *admin, struct slice key, const char *const *fields,
    int64_t values[4], int64_t *ttl_r, struct err *err)
{
	char storage[QUESTION_BYTES];
	struct buf out = BUF_OVER(storage);

	question_add(&out, key, fields);
	if (store_admin_send(admin, buf_slice(&out), err) != 0)
		return -1;
	return answer_read(admin, values, ttl_r, err);
}

int
store_admin_grey_get(struct store_admin *admin, const struct grey_key *key,
    struct store_grey_storage *storage, struct store_grey_row *row_r, struct err *err)
{
	const char *prefix = admin->target.conf.prefix;
	struct buf text = BUF_OVER(storage->key);
	struct redis_grey_name name;
	int64_t values[4];
	int status;

	redis_key_grey(&text, prefix, key);
	*row_r = (struct store_grey_row){.key = buf_slice(&text)};
	if (text.over || redis_key_grey_parse(row_r->key, prefix, &name) != 0)
		return 0;
	row_r->identity = name.identity;
	row_r->sender = name.sender;
	row_r->rcpt = name.rcpt;
	status = question_ask(admin, row_r->key, tuple_fields, values, &row_r->ttl_s, err);
	row_r->tuple = (struct grey_tuple){values[0], values[1], values[2], values[3]};
	return status;
}

int
store_admin_known_get(struct store_admin *admin, const struct identity *identity,
    struct grey_known *known_r, struct err *err)
{
	char storage[REDIS_KEY_BYTES];
	struct buf text = BUF_OVER(storage);
	struct grey_key key = {.identity = *identity};
	int64_t values[4];
	int64_t ttl_s;
	int status;

	redis_key_known(&text, admin->target.conf.prefix, &key);
	status = question_ask(admin, buf_slice(&text), known_fields, values, &ttl_s, err);
	*known_r = (struct grey_known){values[0], values[1], values[2]};
	return status;
}

/* The identity in "PREFIXknown:{IDENTITY}"; empty when the key is none of these. */
static struct slice
known_parse(const struct store_admin *admin, struct slice key)
{
	static const struct slice word = SLICE_LIT("known:{");
	struct slice prefix = slice_of(admin->target.conf.prefix);
	struct slice rest = slice_from(key, prefix.n);

	if (key.n > REDIS_KEY_BYTES || !slice_starts(key, prefix) || !slice_starts(rest, word) ||
	    rest.p[rest.n - 1] != '}')
		return slice_make(NULL, 0);
	rest = slice_from(rest, word.n);
	return slice_head(rest, rest.n - 1);
}

struct store_known_scan *
store_admin_known_scan(struct store_admin *admin, struct err *err)
{
	struct store_known_scan *scan = calloc(1, sizeof(*scan));

	if (scan == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	scan->admin = admin;
	memcpy(scan->cursor, "0", 2);
	return scan;
}

void
store_known_scan_free(struct store_known_scan *scan)
{
	if (scan == NULL)
		return;
	if (scan->page != NULL)
		freeReplyObject(scan->page);
	free(scan->rows);
	free(scan);
}

static int
cursor_keep(struct store_known_scan *scan, struct err *err)
{
	const redisReply *page = scan->page;
	struct slice cursor = page->elements == 2 ? redis_reply_text(page->element[0])
						  : slice_make(NULL, 0);

	if (cursor.n == 0 || cursor.n >= sizeof(scan->cursor) ||
	    page->element[1]->type != REDIS_REPLY_ARRAY)
		return err_set(err, ERR_IO, "Redis: an odd answer to SCAN");
	memcpy(scan->cursor, cursor.p, cursor.n);
	scan->cursor[cursor.n] = '\0';
	return 0;
}

/* Names the identities of the page, and asks about all of them in one go. */
static int
rows_ask(struct store_known_scan *scan, struct err *err)
{
	const redisReply *keys = scan->page->element[1];
	size_t room = (keys->elements + 1) * QUESTION_BYTES;
	char *storage = malloc(room);
	struct buf out;
	int status;

	if (storage == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	buf_init(&out, storage, room);
	for (size_t i = 0; i < keys->elements; i++) {
		struct slice key = redis_reply_text(keys->element[i]);
		struct slice identity = known_parse(scan->admin, key);

		if (identity.n == 0)
			continue;
		question_add(&out, key, known_fields);
		scan->rows[scan->n_rows++] = (struct store_known_row){
		    .key = key, .identity = identity};
	}
	status = scan->n_rows == 0 ? 0 : store_admin_send(scan->admin, buf_slice(&out), err);
	free(storage);
	return status;
}

/* Fills the rows of the page; those that expired since are left out. */
static int
rows_read(struct store_known_scan *scan, struct err *err)
{
	size_t named = scan->n_rows;

	scan->n_rows = scan->row = 0;
	for (size_t i = 0; i < named; i++) {
		struct store_known_row row = scan->rows[i];
		int64_t values[4];
		int status = answer_read(scan->admin, values, &row.ttl_s, err);

		if (status < 0)
			return -1;
		row.known = (struct grey_known){values[0], values[1], values[2]};
		if (status == 1)
			scan->rows[scan->n_rows++] = row;
	}
	return 0;
}

static int
page_read(struct store_known_scan *scan, struct err *err)
{
	if (cursor_keep(scan, err) != 0)
		return -1;
	free(scan->rows);
	scan->n_rows = scan->row = 0;
	scan->rows = calloc(scan->page->element[1]->elements + 1, sizeof(*scan->rows));
	if (scan->rows == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	return rows_ask(scan, err) == 0 ? rows_read(scan, err) : -1;
}

/* 1 with a new page, 0 at the end, or -1. */
static int
page_next(struct store_known_scan *scan, struct err *err)
{
	char pattern_storage[REDIS_PREFIX_BYTES + 16], storage[256];
	struct buf pattern = BUF_OVER(pattern_storage);
	struct buf out = BUF_OVER(storage);
	const char *words[] = {"SCAN", scan->cursor, "MATCH", NULL, "COUNT", SCAN_COUNT, NULL};

	if (scan->begun && strcmp(scan->cursor, "0") == 0)
		return 0;
	buf_add_text(&pattern, scan->admin->target.conf.prefix);
	buf_add_text(&pattern, "known:{*");
	words[3] = buf_text(&pattern);
	redis_command_add(&out, words);
	if (scan->page != NULL)
		freeReplyObject(scan->page);
	scan->page = store_admin_ask(scan->admin, buf_slice(&out), err);
	if (scan->page == NULL)
		return -1;
	scan->begun = true;
	return page_read(scan, err) == 0 ? 1 : -1;
}

int
store_known_scan_next(struct store_known_scan *scan, struct store_known_row *row_r, struct err *err)
{
	while (scan->row == scan->n_rows) {
		int status = page_next(scan, err);

		if (status <= 0)
			return status;
	}
	*row_r = scan->rows[scan->row++];
	return 1;
}

int
store_admin_known_forget(struct store_admin *admin, struct slice key, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 64];
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	int number;

	if (known_parse(admin, key).n == 0)
		return err_set(err, ERR_INVALID, "\"%.*s\" is not the key of an identity",
		    SLICE_ARG(slice_head(key, ERR_TEXT_BYTES / 2)));
	redis_command_begin(&out, 2);
	redis_command_text(&out, "DEL");
	redis_command_word(&out, key);
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	number = store_admin_number(reply) > 0;
	freeReplyObject(reply);
	return number;
}
