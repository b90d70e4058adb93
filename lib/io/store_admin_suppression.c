/*
 * store_admin_suppression.c - see store_admin_suppression.h.
 */
#include "io/store_admin_suppression.h"

#include "io/redis_command.h"
#include "io/redis_suppress_step.h"
#include "io/store_admin_parts.h"

#include <stdlib.h>

#define SCAN_COUNT   "1000"
#define LISTS_MIN    64
#define CURSOR_BYTES 24

/* A word in a command, beside its bytes. */
#define WORD_BYTES ((size_t)16)

static const struct slice multi = SLICE_LIT("*1\r\n$5\r\nMULTI\r\n");
static const struct slice exec = SLICE_LIT("*1\r\n$4\r\nEXEC\r\n");

/* "COMMAND KEY" of a command with so many words more. */
static void
list_command(struct buf *out, const struct store_admin *admin, const char *command,
    const char *account, unsigned more)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_supp(&key, admin->target.conf.prefix, account);
	redis_command_begin(out, 2 + more);
	redis_command_text(out, command);
	redis_command_word(out, buf_slice(&key));
	out->over = out->over || key.over;
}

static int
too_long(struct err *err)
{
	return err_set(err, ERR_INVALID, "the name of an account or a recipient is too long");
}

/* --- pages of SCAN and HSCAN --- */

/* Takes over the cursor of a page; its elements are in *elements_r. */
static int
page_check(const redisReply *page, char cursor[CURSOR_BYTES], const redisReply **elements_r,
    struct err *err)
{
	bool whole = page->type == REDIS_REPLY_ARRAY && page->elements == 2 &&
		     page->element[1]->type == REDIS_REPLY_ARRAY;
	struct slice next = whole ? redis_reply_text(page->element[0]) : slice_make(NULL, 0);

	if (next.n == 0 || next.n >= CURSOR_BYTES)
		return err_set(err, ERR_IO, "Redis: an odd answer to SCAN");
	memcpy(cursor, next.p, next.n);
	cursor[next.n] = '\0';
	*elements_r = page->element[1];
	return 0;
}

/* --- whose lists --- */

struct lists {
	struct store_event_accounts *names;
	size_t room;
	const char *prefix;
};

/* The name in PREFIXsupp:{NAME}, or nothing. */
static struct slice
list_name(const struct lists *lists, struct slice key)
{
	char storage[REDIS_PREFIX_BYTES + 16];
	struct buf begin = BUF_OVER(storage);
	struct slice name;

	redis_key_supp(&begin, lists->prefix, "");
	begin.n -= begin.n > 0; /* the brace at its end */
	if (!slice_starts(key, buf_slice(&begin)) || key.p[key.n - 1] != '}')
		return slice_make(NULL, 0);
	name = slice_from(key, begin.n);
	name.n -= name.n > 0;
	return name;
}

static int
list_add(struct lists *lists, struct slice key, struct err *err)
{
	struct store_event_accounts *names = lists->names;
	struct slice name = list_name(lists, key);

	if (name.p == NULL ||
	    (!slice_eq(name, slice_of(STORE_ALL_ACCOUNTS)) && account_name_check(name, NULL) != 0))
		return 0;
	if (names->n == lists->room) {
		size_t room = lists->room == 0 ? LISTS_MIN : 2 * lists->room;
		void *more = realloc(names->v, room * sizeof(*names->v));

		if (more == NULL)
			return err_set(err, ERR_NOMEM, "no memory");
		names->v = more;
		lists->room = room;
	}
	memset(names->v[names->n], 0, sizeof(*names->v));
	memcpy(names->v[names->n++], name.p, name.n);
	return 0;
}

static int
name_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
lists_sort(struct store_event_accounts *names)
{
	size_t n = 0;

	if (names->n > 0)
		qsort(names->v, names->n, sizeof(*names->v), name_order);
	for (size_t i = 0; i < names->n; i++) {
		if (n > 0 && strcmp(names->v[n - 1], names->v[i]) == 0)
			continue;
		memmove(names->v[n++], names->v[i], sizeof(*names->v));
	}
	names->n = n;
}

static int
lists_page(
    struct store_admin *admin, struct lists *lists, char cursor[CURSOR_BYTES], struct err *err)
{
	char pattern_storage[REDIS_PREFIX_BYTES + 16], storage[REDIS_PREFIX_BYTES + 160];
	struct buf pattern = BUF_OVER(pattern_storage);
	struct buf out = BUF_OVER(storage);
	const redisReply *elements = NULL;
	redisReply *page;
	int status;

	redis_key_supp(&pattern, lists->prefix, "*");
	redis_command_add(&out, (const char *const[]){"SCAN", cursor, "MATCH", buf_text(&pattern),
				    "COUNT", SCAN_COUNT, NULL});
	page = store_admin_ask(admin, buf_slice(&out), err);
	if (page == NULL)
		return -1;
	status = page_check(page, cursor, &elements, err);
	for (size_t i = 0; status == 0 && elements != NULL && i < elements->elements; i++)
		status = list_add(lists, redis_reply_text(elements->element[i]), err);
	freeReplyObject(page);
	return status;
}

int
store_admin_suppression_lists(
    struct store_admin *admin, struct store_event_accounts *lists_r, struct err *err)
{
	struct lists lists = {lists_r, 0, admin->target.conf.prefix};
	char cursor[CURSOR_BYTES] = "0";

	*lists_r = (struct store_event_accounts){.v = NULL};
	do {
		if (lists_page(admin, &lists, cursor, err) != 0) {
			store_event_accounts_free(lists_r);
			return -1;
		}
	} while (strcmp(cursor, "0") != 0);
	lists_sort(lists_r);
	return 0;
}

/* --- one list --- */

struct store_suppressions {
	struct store_admin *admin;
	char account[REDIS_KEY_BYTES];
	char cursor[CURSOR_BYTES];
	bool begun;
	redisReply *page;
	const redisReply *elements; /* of the page: recipient, entry, … */
	size_t at;
};

struct store_suppressions *
store_admin_suppressions(struct store_admin *admin, const char *account, struct err *err)
{
	struct store_suppressions *it = calloc(1, sizeof(*it));
	struct buf name;

	if (it == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	it->admin = admin;
	memcpy(it->cursor, "0", 2);
	buf_init(&name, it->account, sizeof(it->account));
	buf_add_text(&name, account);
	(void)buf_text(&name);
	if (!name.over)
		return it;
	(void)too_long(err);
	free(it);
	return NULL;
}

void
store_suppressions_free(struct store_suppressions *it)
{
	if (it == NULL)
		return;
	if (it->page != NULL)
		freeReplyObject(it->page);
	free(it);
}

/* 1 with a new page, 0 when the last one was the end, or -1. */
static int
page_next(struct store_suppressions *it, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 128];
	struct buf out = BUF_OVER(storage);

	if (it->begun && strcmp(it->cursor, "0") == 0)
		return 0;
	list_command(&out, it->admin, "HSCAN", it->account, 3);
	redis_command_text(&out, it->cursor);
	redis_command_text(&out, "COUNT");
	redis_command_text(&out, SCAN_COUNT);
	if (out.over)
		return too_long(err);
	if (it->page != NULL)
		freeReplyObject(it->page);
	it->begun = true;
	it->at = 0;
	it->elements = NULL;
	it->page = store_admin_ask(it->admin, buf_slice(&out), err);
	if (it->page == NULL || page_check(it->page, it->cursor, &it->elements, err) != 0)
		return -1;
	return 1;
}

int
store_suppressions_next(struct store_suppressions *it, struct slice *rcpt_r,
    struct suppression *entry_r, struct err *err)
{
	while (it->elements == NULL || it->at + 1 >= it->elements->elements) {
		int status = page_next(it, err);

		if (status <= 0)
			return status;
	}
	*rcpt_r = redis_reply_text(it->elements->element[it->at]);
	suppression_read(redis_reply_text(it->elements->element[it->at + 1]), entry_r);
	it->at += 2;
	return 1;
}

/* --- some of a list --- */

/* A buffer for commands, for free(); p is NULL without memory. */
static struct buf
commands_new(size_t bytes, struct err *err)
{
	char *storage = malloc(bytes);
	struct buf out;

	buf_init(&out, storage, storage == NULL ? 0 : bytes);
	if (storage == NULL)
		(void)err_set(err, ERR_NOMEM, "no memory for so large a question");
	return out;
}

/* Sends what was built, and gives its memory back. */
static int
commands_send(struct store_admin *admin, struct buf *out, struct err *err)
{
	int status = out->over ? too_long(err) : store_admin_send(admin, buf_slice(out), err);

	free(out->p);
	return status;
}

static int
answer_skip(struct store_admin *admin, struct err *err)
{
	redisReply *reply = store_admin_receive(admin, err);

	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	return 0;
}

static int
entries_receive(struct store_admin *admin, size_t n, struct suppression *entries_r, struct err *err)
{
	redisReply *reply = store_admin_receive(admin, err);

	if (reply == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		entries_r[i] = (struct suppression){.reason = SUPPRESSED_NOT};
		if (i < reply->elements && reply->element[i]->type == REDIS_REPLY_STRING)
			suppression_read(redis_reply_text(reply->element[i]), &entries_r[i]);
	}
	freeReplyObject(reply);
	return 0;
}

int
store_admin_suppressions_watch(struct store_admin *admin, const char *account,
    const struct slice *rcpts, size_t n, struct suppression *entries_r, struct err *err)
{
	size_t bytes = 2 * (REDIS_KEY_BYTES + 8 * WORD_BYTES);
	struct buf out;

	for (size_t i = 0; i < n; i++)
		bytes += rcpts[i].n + WORD_BYTES;
	out = commands_new(bytes, err);
	if (out.p == NULL)
		return -1;
	list_command(&out, admin, "WATCH", account, 0);
	list_command(&out, admin, "HMGET", account, (unsigned)n);
	for (size_t i = 0; i < n; i++)
		redis_command_word(&out, rcpts[i]);
	if (commands_send(admin, &out, err) != 0 || answer_skip(admin, err) != 0)
		return -1;
	return entries_receive(admin, n, entries_r, err);
}

/* The answer to EXEC: 1, 0 when it was not done, or -1. */
static int
exec_receive(struct store_admin *admin, struct err *err)
{
	redisReply *reply = store_admin_receive(admin, err);
	int status = 1;

	if (reply == NULL)
		return -1;
	if (reply->type == REDIS_REPLY_NIL)
		status = 0;
	for (size_t i = 0; i < reply->elements && status == 1; i++)
		status = redis_reply_check(reply->element[i], err) == 0 ? 1 : -1;
	freeReplyObject(reply);
	return status;
}

int
store_admin_suppressions_set(struct store_admin *admin, const char *account,
    const struct store_suppression *v, size_t n, struct err *err)
{
	size_t bytes = REDIS_KEY_BYTES + 16 * WORD_BYTES;
	struct buf out;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].rcpt.n + SUPPRESSION_TEXT_BYTES + 2 * WORD_BYTES;
	out = commands_new(bytes, err);
	if (out.p == NULL)
		return -1;
	buf_add(&out, multi);
	if (n > 0)
		list_command(&out, admin, "HSET", account, 2 * (unsigned)n);
	for (size_t i = 0; i < n; i++) {
		char storage[SUPPRESSION_TEXT_BYTES];
		struct buf text = BUF_OVER(storage);

		suppression_format(v[i].entry, &text);
		redis_command_word(&out, v[i].rcpt);
		redis_command_word(&out, buf_slice(&text));
	}
	buf_add(&out, exec);
	if (commands_send(admin, &out, err) != 0 || answer_skip(admin, err) != 0 ||
	    (n > 0 && answer_skip(admin, err) != 0))
		return -1;
	return exec_receive(admin, err);
}

/* --- one recipient --- */

/* "COMMAND PREFIXbounce:{ACCOUNT}:RCPT soft" */
static void
soft_command(struct buf *out, const struct store_admin *admin, const char *command,
    const char *account, struct slice rcpt)
{
	char storage[REDIS_BOUNCE_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_suppress_bounce_key(&key, admin->target.conf.prefix, account, rcpt);
	redis_command_begin(out, 3);
	redis_command_text(out, command);
	redis_command_word(out, buf_slice(&key));
	redis_command_text(out, "soft");
	out->over = out->over || key.over;
}

int
store_admin_suppression_remove(
    struct store_admin *admin, const char *account, struct slice rcpt, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 2 * REDIS_BOUNCE_KEY_BYTES + 16 * WORD_BYTES];
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	int removed;

	list_command(&out, admin, "HDEL", account, 1);
	redis_command_word(&out, rcpt);
	soft_command(&out, admin, "HDEL", account, rcpt);
	if (out.over)
		return too_long(err);
	if (store_admin_send(admin, buf_slice(&out), err) != 0)
		return -1;
	reply = store_admin_receive(admin, err);
	if (reply == NULL)
		return -1;
	removed = store_admin_number(reply) > 0;
	freeReplyObject(reply);
	return answer_skip(admin, err) == 0 ? removed : -1;
}

int
store_admin_suppression_soft(struct store_admin *admin, const char *account, struct slice rcpt,
    struct suppress_soft *soft_r, struct err *err)
{
	char storage[REDIS_BOUNCE_KEY_BYTES + 8 * WORD_BYTES];
	struct buf out = BUF_OVER(storage);
	redisReply *reply;

	soft_command(&out, admin, "HMGET", account, rcpt);
	if (out.over)
		return too_long(err);
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	suppress_soft_read(
	    reply->elements == 1 ? redis_reply_text(reply->element[0]) : slice_make(NULL, 0),
	    soft_r);
	freeReplyObject(reply);
	return 0;
}
