/*
 * store_admin_account.c - see store_admin_account.h: reading.
 */
#include "io/store_admin_account_parts.h"

#include <stdlib.h>

/* Keys, or pairs, that Redis looks at in one step. */
#define SCAN_COUNT "2000"

/* "PREFIXacct:{" */
#define HEAD_BYTES (REDIS_PREFIX_BYTES + 16)

static int
no_room(struct err *err)
{
	return err_set(err, ERR_LIMIT, "more accounts than there is memory for");
}

static int
odd_answer(const char *what, struct err *err)
{
	return err_set(err, ERR_IO, "Redis: an odd answer to %s", what);
}

/* One page of SCAN or HSCAN: what is in it, or NULL; the cursor of the next in cursor[]. */
static redisReply *
page_ask(struct store_admin *admin, const char *const *words, char cursor[24], struct err *err)
{
	char storage[2 * REDIS_KEY_BYTES + 128];
	struct buf out = BUF_OVER(storage);
	redisReply *page;
	struct slice next;

	redis_command_add(&out, words);
	page = store_admin_ask(admin, buf_slice(&out), err);
	if (page == NULL)
		return NULL;
	next = page->elements == 2 ? redis_reply_text(page->element[0]) : slice_of(NULL);
	if (next.n == 0 || next.n >= 24 || page->element[1]->type != REDIS_REPLY_ARRAY) {
		freeReplyObject(page);
		(void)odd_answer(words[0], err);
		return NULL;
	}
	memcpy(cursor, next.p, next.n);
	cursor[next.n] = '\0';
	return page;
}

/* --- names --- */

struct names {
	struct arena *arena;
	struct slice head; /* of every key */
	size_t max;
	struct slice *v;
	size_t n, room;
};

/* Takes the name out of "PREFIXacct:{NAME}"; what is no such key is passed over. */
static int
name_keep(struct names *names, struct slice key, struct err *err)
{
	struct slice name = slice_from(key, names->head.n);

	if (!slice_starts(key, names->head) || name.n < 2 || name.p[name.n - 1] != '}')
		return 0;
	if (names->n == names->room) {
		size_t room = names->room == 0 ? 256 : 2 * names->room;
		struct slice *v = realloc(names->v, room * sizeof(*v));

		if (v == NULL)
			return no_room(err);
		names->v = v;
		names->room = room;
	}
	names->v[names->n] = arena_copy(names->arena, slice_head(name, name.n - 1));
	if (names->v[names->n].p == NULL)
		return no_room(err);
	names->n++;
	return 0;
}

static int
names_collect(struct names *names, struct store_admin *admin, struct err *err)
{
	char storage[HEAD_BYTES + 2], cursor[24] = "0";
	struct buf pattern = BUF_OVER(storage);
	int status = 0;

	buf_add(&pattern, names->head);
	buf_add_char(&pattern, '*');
	do {
		const char *words[] = {
		    "SCAN", cursor, "MATCH", buf_text(&pattern), "COUNT", SCAN_COUNT, NULL};
		redisReply *page = page_ask(admin, words, cursor, err);

		if (page == NULL)
			return -1;
		for (size_t i = 0; i < page->element[1]->elements && status == 0; i++)
			status = name_keep(
			    names, redis_reply_text(page->element[1]->element[i]), err);
		freeReplyObject(page);
	} while (status == 0 && strcmp(cursor, "0") != 0);
	return status;
}

static int
slice_order(const void *left, const void *right)
{
	return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

/* Sorts, takes out what SCAN said twice, and moves all to the arena. */
static int
names_finish(struct names *names, struct slice **names_r, size_t *n_r, struct err *err)
{
	struct slice *v;
	size_t n = 0;

	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), slice_order);
	for (size_t i = 0; i < names->n; i++) {
		if (n == 0 || !slice_eq(names->v[n - 1], names->v[i]))
			names->v[n++] = names->v[i];
	}
	if (n > names->max)
		n = names->max + 1;
	v = arena_alloc(names->arena, (n + 1) * sizeof(*v));
	if (v == NULL)
		return no_room(err);
	if (n > 0)
		memcpy(v, names->v, n * sizeof(*v));
	*names_r = v;
	*n_r = n;
	return 0;
}

int
store_admin_account_names(struct store_admin *admin, struct arena *a, size_t max,
    struct slice **names_r, size_t *n_r, struct err *err)
{
	char storage[HEAD_BYTES];
	struct buf head = BUF_OVER(storage);
	struct names names = {.arena = a, .max = max};
	int status;

	buf_add_text(&head, admin->target.conf.prefix);
	buf_add_text(&head, "acct:{");
	names.head = buf_slice(&head);
	status = names_collect(&names, admin, err);
	if (status == 0)
		status = names_finish(&names, names_r, n_r, err);
	free(names.v);
	return status;
}

/* --- accounts --- */

static int
field_order(const void *left, const void *right)
{
	const struct account_field *a = left;
	const struct account_field *b = right;

	return slice_compare(a->name, b->name);
}

static bool
is_mark(struct slice name, struct slice value)
{
	return value.n == 0 && slice_eq(name, slice_of(ACCOUNT_MARK));
}

static int
account_take(
    struct store_account *account, const redisReply *reply, struct arena *a, struct err *err)
{
	struct account_field *fields = arena_alloc(a, (reply->elements / 2 + 1) * sizeof(*fields));

	account->fields = fields;
	account->n = 0;
	account->odd = reply->type == REDIS_REPLY_ERROR;
	account->exists = reply->elements > 0 || account->odd;
	for (size_t i = 0; fields != NULL && i + 1 < reply->elements; i += 2) {
		struct slice name = redis_reply_text(reply->element[i]);
		struct slice value = redis_reply_text(reply->element[i + 1]);

		if (is_mark(name, value))
			continue;
		fields[account->n++] = (struct account_field){
		    arena_copy(a, name), arena_copy(a, value)};
	}
	if (a->failed)
		return no_room(err);
	if (account->n > 1)
		qsort(fields, account->n, sizeof(*fields), field_order);
	return 0;
}

/* The answer about one account; that its key holds something else is an answer. */
static redisReply *
account_receive(struct store_admin *admin, struct err *err)
{
	static const struct slice wrong_type = SLICE_LIT("WRONGTYPE");
	redisReply *reply;

	if (redis_conn_receive(&admin->conn, &reply, deadline_in_ms(STORE_ADMIN_TIMEOUT_MS), err) !=
	    0)
		return NULL;
	if (redis_reply_check(reply, err) == 0 ||
	    slice_starts(slice_make(reply->str, reply->len), wrong_type))
		return reply;
	freeReplyObject(reply);
	redis_conn_close(&admin->conn); /* more answers are on their way */
	return NULL;
}

int
store_admin_accounts(
    struct store_admin *admin, struct store_account *v, size_t n, struct arena *a, struct err *err)
{
	char storage[STORE_ACCOUNTS_BATCH * (STORE_ACCOUNT_KEY_BYTES + 64)];
	struct buf out = BUF_OVER(storage);
	int status = 0;

	if (n > STORE_ACCOUNTS_BATCH)
		return err_set(err, ERR_LIMIT, "too many accounts in one batch");
	for (size_t i = 0; i < n; i++) {
		redis_command_begin(&out, 2);
		redis_command_text(&out, "HGETALL");
		store_account_key_word(&out, admin, v[i].name);
	}
	if (out.over)
		return err_set(err, ERR_LIMIT, "the name of an account is too long");
	if (n > 0 && store_admin_send(admin, buf_slice(&out), err) != 0)
		return -1;
	for (size_t i = 0; i < n && status == 0; i++) {
		redisReply *reply = account_receive(admin, err);

		if (reply == NULL)
			return -1;
		status = account_take(&v[i], reply, a, err);
		freeReplyObject(reply);
	}
	return status;
}

/* --- the map --- */

struct pairs {
	struct arena *arena;
	struct account_pair *v;
	size_t n, room;
};

static int
pairs_keep(struct pairs *pairs, const redisReply *page, struct err *err)
{
	size_t more = page->elements / 2;

	if (pairs->n + more > pairs->room) {
		size_t room = 2 * (pairs->n + more);
		struct account_pair *v = realloc(pairs->v, room * sizeof(*v));

		if (v == NULL)
			return no_room(err);
		pairs->v = v;
		pairs->room = room;
	}
	for (size_t i = 0; i < more; i++)
		pairs->v[pairs->n++] = (struct account_pair){
		    arena_copy(pairs->arena, redis_reply_text(page->element[2 * i])),
		    arena_copy(pairs->arena, redis_reply_text(page->element[2 * i + 1]))};
	if (pairs->n > ACCOUNT_MAP_MAX)
		return err_set(
		    err, ERR_LIMIT, "the map of accounts has more than %d pairs", ACCOUNT_MAP_MAX);
	return pairs->arena->failed ? no_room(err) : 0;
}

static int
pair_order(const void *left, const void *right)
{
	const struct account_pair *a = left;
	const struct account_pair *b = right;

	return slice_compare(a->key, b->key);
}

static int
pairs_finish(struct pairs *pairs, struct account_pair **pairs_r, size_t *n_r, struct err *err)
{
	struct account_pair *v;
	size_t n = 0;

	if (pairs->n > 1)
		qsort(pairs->v, pairs->n, sizeof(*pairs->v), pair_order);
	for (size_t i = 0; i < pairs->n; i++) {
		if (n == 0 || !slice_eq(pairs->v[n - 1].key, pairs->v[i].key))
			pairs->v[n++] = pairs->v[i];
	}
	v = arena_alloc(pairs->arena, (n + 1) * sizeof(*v));
	if (v == NULL)
		return no_room(err);
	if (n > 0)
		memcpy(v, pairs->v, n * sizeof(*v));
	*pairs_r = v;
	*n_r = n;
	return 0;
}

int
store_admin_account_map(struct store_admin *admin, struct arena *a, struct account_pair **pairs_r,
    size_t *n_r, struct err *err)
{
	char storage[STORE_ACCOUNT_KEY_BYTES], cursor[24] = "0";
	struct buf key = BUF_OVER(storage);
	struct pairs pairs = {.arena = a};
	int status = 0;

	redis_key_account_map(&key, admin->target.conf.prefix);
	do {
		const char *words[] = {"HSCAN", buf_text(&key), cursor, "COUNT", SCAN_COUNT, NULL};
		redisReply *page = page_ask(admin, words, cursor, err);

		status = -1;
		if (page == NULL)
			break;
		status = pairs_keep(&pairs, page->element[1], err);
		freeReplyObject(page);
	} while (status == 0 && strcmp(cursor, "0") != 0);
	if (status == 0)
		status = pairs_finish(&pairs, pairs_r, n_r, err);
	free(pairs.v);
	return status;
}
