/*
 * store_admin_verdicts.c - see store_admin_verdicts.h: a stream read in pages.
 */
#include "io/store_admin_verdicts.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/store_admin_parts.h"

#include <stdlib.h>

/* Records in one round trip: of the largest, some 2 MB. */
#define PAGE 200

/* The name of an entry: the milliseconds when Redis took it, and a number within them. */
struct entry_id {
	uint64_t ms;
	uint64_t seq;
};

struct store_verdicts {
	struct store_admin *admin;
	bool forward;
	bool ended; /* there is no page after this one */
	struct entry_id next;
	redisReply *page;
	size_t at; /* the element of the page that is next */
};

static struct store_verdicts *
verdicts_new(struct store_admin *admin, struct err *err)
{
	struct store_verdicts *v = calloc(1, sizeof(*v));

	if (v == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	v->admin = admin;
	return v;
}

struct store_verdicts *
store_admin_verdicts(struct store_admin *admin, struct err *err)
{
	struct store_verdicts *v = verdicts_new(admin, err);

	if (v != NULL)
		v->next = (struct entry_id){UINT64_MAX, UINT64_MAX};
	return v;
}

struct store_verdicts *
store_admin_verdicts_from(struct store_admin *admin, int64_t unix_ms, struct err *err)
{
	struct store_verdicts *v = verdicts_new(admin, err);

	if (v != NULL) {
		v->forward = true;
		v->next.ms = unix_ms > 0 ? (uint64_t)unix_ms : 0;
	}
	return v;
}

void
store_verdicts_free(struct store_verdicts *v)
{
	if (v == NULL)
		return;
	if (v->page != NULL)
		freeReplyObject(v->page);
	free(v);
}

/* The decimal number at the front of *text, which then begins behind it. False: none, or too large. */
static bool
u64_take(struct slice *text, uint64_t *number_r)
{
	size_t i = 0;

	*number_r = 0;
	for (; i < text->n && ascii_is_digit(text->p[i]); i++) {
		uint64_t digit = (uint64_t)(text->p[i] - '0');

		if (*number_r > (UINT64_MAX - digit) / 10)
			return false;
		*number_r = *number_r * 10 + digit;
	}
	*text = slice_from(*text, i);
	return i > 0;
}

static bool
id_parse(struct slice text, struct entry_id *id_r)
{
	if (!u64_take(&text, &id_r->ms) || text.n == 0 || text.p[0] != '-')
		return false;
	text = slice_from(text, 1);
	return u64_take(&text, &id_r->seq) && text.n == 0;
}

/* Where the next page begins, behind (or before) that entry. "(ID" would say so, but not to a Redis
 * before 6.2. */
static void
next_set(struct store_verdicts *v, struct entry_id id)
{
	v->next = id;
	if (v->forward) {
		v->next.seq++;
		v->next.ms += v->next.seq == 0;
		v->ended = v->next.ms == 0 && v->next.seq == 0;
	} else {
		v->ended = id.ms == 0 && id.seq == 0;
		v->next.seq--;
		v->next.ms -= id.seq == 0;
	}
}

static void
page_command(const struct store_verdicts *v, struct buf *out)
{
	char key_storage[REDIS_KEY_BYTES], id_storage[48];
	struct buf key = BUF_OVER(key_storage);
	struct buf id = BUF_OVER(id_storage);

	redis_key_verdicts(&key, v->admin->target.conf.prefix);
	buf_add_u64(&id, v->next.ms);
	buf_add_char(&id, '-');
	buf_add_u64(&id, v->next.seq);
	redis_command_begin(out, 6);
	redis_command_text(out, v->forward ? "XRANGE" : "XREVRANGE");
	redis_command_word(out, buf_slice(&key));
	redis_command_word(out, buf_slice(&id));
	redis_command_text(out, v->forward ? "+" : "-");
	redis_command_text(out, "COUNT");
	redis_command_number(out, PAGE);
}

/* The entry's id; false when it is no entry of a stream. */
static bool
entry_id(const redisReply *entry, struct entry_id *id_r)
{
	return entry->elements == 2 && id_parse(redis_reply_text(entry->element[0]), id_r);
}

/* 1 with a page that is not empty, 0 at the end, or -1. */
static int
page_next(struct store_verdicts *v, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 160];
	struct buf out = BUF_OVER(storage);
	struct entry_id last;

	if (v->page != NULL)
		freeReplyObject(v->page);
	v->page = NULL;
	v->at = 0;
	if (v->ended)
		return 0;
	page_command(v, &out);
	v->page = store_admin_ask(v->admin, buf_slice(&out), err);
	if (v->page == NULL)
		return -1;
	if (v->page->elements == 0)
		return 0;
	if (!entry_id(v->page->element[v->page->elements - 1], &last))
		return err_set(err, ERR_IO, "Redis: an odd answer to XRANGE");
	next_set(v, last);
	v->ended = v->ended || v->page->elements < PAGE;
	return 1;
}

static void
record_fill(struct record *record, const redisReply *fields)
{
	record_init(record);
	for (size_t i = 0; i + 1 < fields->elements; i += 2) {
		const char *name = record_field_name(redis_reply_text(fields->element[i]));

		if (name != NULL && record_get(record, name).n == 0)
			record_add(record, name, redis_reply_text(fields->element[i + 1]));
	}
}

int
store_verdicts_next(
    struct store_verdicts *v, struct record *record_r, int64_t *kept_ms_r, struct err *err)
{
	const redisReply *entry;
	struct entry_id id;

	if (v->page == NULL || v->at == v->page->elements) {
		int status = page_next(v, err);

		if (status <= 0)
			return status;
	}
	entry = v->page->element[v->at++];
	if (!entry_id(entry, &id))
		return err_set(err, ERR_IO, "Redis: an odd answer to XRANGE");
	record_fill(record_r, entry->element[1]);
	*kept_ms_r = id.ms > INT64_MAX ? INT64_MAX : (int64_t)id.ms;
	return 1;
}
