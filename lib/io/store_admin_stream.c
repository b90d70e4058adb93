/*
 * store_admin_stream.c - see store_admin_stream.h.
 */
#include "io/store_admin_stream.h"

#include "io/redis_command.h"

/* Records in one round trip: of the largest, some 2 MB. */
#define PAGE 200

void
store_stream_init(struct store_stream *stream, struct store_admin *admin, struct slice key)
{
	*stream = (struct store_stream){.admin = admin, .page_entries = PAGE, .key_n = key.n};
	memcpy(stream->key, key.p, key.n);
	store_stream_range(stream, 0, INT64_MAX, false);
}

void
store_stream_range(struct store_stream *stream, int64_t from_ms, int64_t until_ms, bool forward)
{
	struct stream_id from = {from_ms > 0 ? (uint64_t)from_ms : 0, 0};
	struct stream_id until = {until_ms > 0 ? (uint64_t)until_ms : 0, UINT64_MAX};

	if (until_ms == INT64_MAX)
		until.ms = UINT64_MAX;
	stream->forward = forward;
	stream->next = forward ? from : until;
	stream->last = forward ? until : from;
}

void
store_stream_fini(struct store_stream *stream)
{
	redisReply *unread = stream->asked ? store_admin_receive(stream->admin, NULL) : NULL;

	if (unread != NULL)
		freeReplyObject(unread);
	if (stream->page != NULL)
		freeReplyObject(stream->page);
	stream->page = NULL;
	stream->asked = false;
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
id_parse(struct slice text, struct stream_id *id_r)
{
	if (!u64_take(&text, &id_r->ms) || text.n == 0 || text.p[0] != '-')
		return false;
	text = slice_from(text, 1);
	return u64_take(&text, &id_r->seq) && text.n == 0;
}

/* Where the next page begins, behind (or before) that entry. "(ID" would say so, but not to a Redis
 * before 6.2. */
static void
next_set(struct store_stream *s, struct stream_id id)
{
	s->next = id;
	if (s->forward) {
		s->next.seq++;
		s->next.ms += s->next.seq == 0;
		s->ended = s->next.ms == 0 && s->next.seq == 0;
	} else {
		s->ended = id.ms == 0 && id.seq == 0;
		s->next.seq--;
		s->next.ms -= id.seq == 0;
	}
}

static void
id_add(struct buf *out, struct stream_id id)
{
	char storage[48];
	struct buf text = BUF_OVER(storage);

	buf_add_u64(&text, id.ms);
	buf_add_char(&text, '-');
	buf_add_u64(&text, id.seq);
	redis_command_word(out, buf_slice(&text));
}

static void
page_command(const struct store_stream *s, struct buf *out)
{
	redis_command_begin(out, 6);
	redis_command_text(out, s->forward ? "XRANGE" : "XREVRANGE");
	redis_command_word(out, slice_make(s->key, s->key_n));
	id_add(out, s->next);
	id_add(out, s->last);
	redis_command_text(out, "COUNT");
	redis_command_number(out, s->page_entries);
}

/* The entry's id; false when it is no entry of a stream. */
static bool
entry_id(const redisReply *entry, struct stream_id *id_r)
{
	return entry->elements == 2 && id_parse(redis_reply_text(entry->element[0]), id_r);
}

static int
page_ask(struct store_stream *s, struct err *err)
{
	char storage[REDIS_KEY_BYTES + 256];
	struct buf out = BUF_OVER(storage);

	page_command(s, &out);
	s->asked = store_admin_send(s->admin, buf_slice(&out), err) == 0;
	return s->asked ? 0 : -1;
}

/* 1 with a page that is not empty, 0 at the end, or -1. */
static int
page_next(struct store_stream *s, struct err *err)
{
	struct stream_id last;

	if (s->page != NULL)
		freeReplyObject(s->page);
	s->page = NULL;
	s->at = 0;
	if (s->ended)
		return 0;
	if (!s->asked && page_ask(s, err) != 0)
		return -1;
	s->asked = false;
	s->page = store_admin_receive(s->admin, err);
	if (s->page == NULL)
		return -1;
	if (s->page->elements == 0)
		return 0;
	if (!entry_id(s->page->element[s->page->elements - 1], &last))
		return err_set(err, ERR_IO, "Redis: an odd answer to XRANGE");
	next_set(s, last);
	s->ended = s->ended || s->page->elements < s->page_entries;
	if (s->ahead && !s->ended && page_ask(s, err) != 0)
		return -1;
	return 1;
}

void
store_record_fill(struct record *record, const redisReply *fields)
{
	record_init(record);
	for (size_t i = 0; i + 1 < fields->elements; i += 2) {
		const char *name = record_field_name(redis_reply_text(fields->element[i]));

		if (name != NULL && record_get(record, name).n == 0)
			record_add(record, name, redis_reply_text(fields->element[i + 1]));
	}
}

int
store_stream_entry(
    struct store_stream *s, const redisReply **entry_r, int64_t *kept_ms_r, struct err *err)
{
	const redisReply *entry;
	struct stream_id id;

	if (s->page == NULL || s->at == s->page->elements) {
		int status = page_next(s, err);

		if (status <= 0)
			return status;
	}
	entry = s->page->element[s->at++];
	if (!entry_id(entry, &id))
		return err_set(err, ERR_IO, "Redis: an odd answer to XRANGE");
	*entry_r = entry;
	*kept_ms_r = id.ms > INT64_MAX ? INT64_MAX : (int64_t)id.ms;
	return 1;
}

int
store_stream_next(
    struct store_stream *s, struct record *record_r, int64_t *kept_ms_r, struct err *err)
{
	const redisReply *entry = NULL;
	int status = store_stream_entry(s, &entry, kept_ms_r, err);

	if (status == 1 && entry != NULL)
		store_record_fill(record_r, entry->element[1]);
	return status;
}
