/*
 * store_admin_scan.c - see store_admin.h, store_admin_grey.h: the iterator over members of a set
 * (SSCAN), and over hashes by their keys (SCAN, and a question about each).
 */
#include "io/store_admin_grey.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/store_admin_parts.h"

#include <stdlib.h>

/* Keys that are asked about in one round trip, and roughly how many one SCAN looks at. */
#define BATCH      32
#define SCAN_COUNT "1000"

/* One kind of hash. */
struct scan_kind {
	const char *pattern; /* of the keys, behind the prefix */
	const char *const *fields;
	bool (*names)(struct slice key, const char *prefix); /* true: the key is one of these */
};

/* All answers of a batch are read before its first row is handed out: others may ask meanwhile. */
struct scan_row {
	struct slice key;
	struct store_hash hash;
};

struct store_scan {
	struct store_admin *admin;
	const struct scan_kind *kind; /* NULL: members of a set */
	char key[REDIS_KEY_BYTES];    /* the set's */
	char cursor[24];
	bool begun;
	redisReply *page; /* what SCAN answered: the cursor, and an array */
	size_t at;        /* the element of the page that is next */
	struct scan_row rows[BATCH];
	size_t n_rows;
	size_t row;
	char commands[BATCH * STORE_HASH_QUESTION_BYTES];
};

static bool
grey_names(struct slice key, const char *prefix)
{
	struct redis_grey_name name;

	return redis_key_grey_parse(key, prefix, &name) == 0;
}

static bool
known_names(struct slice key, const char *prefix)
{
	struct slice identity;

	return redis_key_known_parse(key, prefix, &identity) == 0;
}

static const struct scan_kind grey_kind = {"grey:{*", store_grey_fields, grey_names};
static const struct scan_kind known_kind = {"known:{*", store_known_fields, known_names};

static struct store_scan *
scan_new(struct store_admin *admin, const struct scan_kind *kind, struct err *err)
{
	struct store_scan *scan = calloc(1, sizeof(*scan));

	if (scan == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	scan->admin = admin;
	scan->kind = kind;
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
	return scan_new(admin, &grey_kind, err);
}

struct store_scan *
store_admin_known_scan(struct store_admin *admin, struct err *err)
{
	return scan_new(admin, &known_kind, err);
}

struct store_scan *
store_admin_list_scan(struct store_admin *admin, enum store_list list, struct err *err)
{
	struct store_scan *scan = scan_new(admin, NULL, err);
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

	if (scan->kind == NULL) {
		redis_command_add(out, members);
		return;
	}
	buf_add_text(&pattern, scan->admin->target.conf.prefix);
	buf_add_text(&pattern, scan->kind->pattern);
	keys[3] = buf_text(&pattern);
	redis_command_add(out, keys);
}

/* Takes the page, and the cursor of the next one. */
static int
page_keep(struct store_scan *scan, redisReply *page, struct err *err)
{
	bool whole = page->elements == 2 && page->element[1]->type == REDIS_REPLY_ARRAY;
	struct slice cursor = whole ? redis_reply_text(page->element[0]) : slice_of(NULL);

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
	return 0;
}

/* 1 with a new page, 0 when the last one was the end, or -1. */
static int
page_next(struct store_scan *scan, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 128];
	struct buf out = BUF_OVER(storage);
	redisReply *page;

	if (scan->begun && strcmp(scan->cursor, "0") == 0)
		return 0;
	page_command(&out, scan);
	page = store_admin_ask(scan->admin, buf_slice(&out), err);
	if (page == NULL || page_keep(scan, page, err) != 0)
		return -1;
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

/* Names the next hashes of this page, as many as are asked about at once. A batch does not reach
 * beyond its page, whose bytes the rows point to. */
static int
rows_name(struct store_scan *scan, struct buf *out, struct err *err)
{
	const char *prefix = scan->admin->target.conf.prefix;
	struct slice key;

	scan->n_rows = scan->row = 0;
	while (scan->n_rows == 0 ||
	       (scan->n_rows < BATCH && scan->at < scan->page->element[1]->elements)) {
		int status = text_next(scan, &key, err);

		if (status <= 0)
			return status;
		if (key.n > REDIS_KEY_BYTES || !scan->kind->names(key, prefix))
			continue; /* not ours: the pattern is wider than the names */
		scan->rows[scan->n_rows++] = (struct scan_row){.key = key};
		store_hash_question(out, key, scan->kind->fields);
	}
	return 1;
}

/* Reads the answers; what expired since it was named is left out. */
static int
rows_receive(struct store_scan *scan, struct err *err)
{
	size_t named = scan->n_rows;

	scan->n_rows = 0;
	for (size_t i = 0; i < named; i++) {
		struct scan_row row = scan->rows[i];
		int status = store_hash_answer(scan->admin, &row.hash, err);

		if (status < 0)
			return -1;
		if (status == 1)
			scan->rows[scan->n_rows++] = row;
	}
	return 0;
}

/* 1 with the next hash, 0 at the end, or -1. */
static int
row_next(struct store_scan *scan, const struct scan_row **row_r, struct err *err)
{
	while (scan->row == scan->n_rows) {
		struct buf out = BUF_OVER(scan->commands);
		int status = rows_name(scan, &out, err);

		if (status <= 0)
			return status;
		if (store_admin_send(scan->admin, buf_slice(&out), err) != 0 ||
		    rows_receive(scan, err) != 0)
			return -1;
	}
	*row_r = &scan->rows[scan->row++];
	return 1;
}

int
store_scan_grey(struct store_scan *scan, struct store_grey_row *row_r, struct err *err)
{
	struct redis_grey_name name;
	const struct scan_row *row;
	const int64_t *values;

	do {
		int status = row_next(scan, &row, err);

		if (status <= 0)
			return status;
		values = row->hash.values;
		(void)redis_key_grey_parse(row->key, scan->admin->target.conf.prefix, &name);
		*row_r = (struct store_grey_row){
		    .key = row->key,
		    .identity = name.identity,
		    .sender = name.sender,
		    .rcpt = name.rcpt,
		    .tuple = {values[0], values[1], values[2], values[3]},
		    .ttl_s = row->hash.ttl_s,
		};
	} while (row_r->tuple.tries == 0); /* a hash, but no tuple */
	return 1;
}

int
store_scan_known(struct store_scan *scan, struct store_known_row *row_r, struct err *err)
{
	const struct scan_row *row;
	int status = row_next(scan, &row, err);

	if (status <= 0)
		return status;
	*row_r = (struct store_known_row){
	    .key = row->key,
	    .known = {row->hash.values[0], row->hash.values[1], row->hash.values[2]},
	    .ttl_s = row->hash.ttl_s,
	};
	(void)redis_key_known_parse(row->key, scan->admin->target.conf.prefix, &row_r->identity);
	return 1;
}
