/*
 * store_admin_forget.c - see store_admin_forget.h: the order of things, and what the parts share.
 */
#include "base/siphash.h"
#include "io/store_admin_forget_parts.h"

/* Keys of messages that are to be written anew. */
#define ARENA_BYTES ((size_t)128 * 1024 * 1024)

bool
forget_fields_make(struct forget_fields *fields, const struct forget_person *person,
    enum forget_whose whose, const redisReply *list)
{
	fields->n = 0;
	fields->changed = false;
	buf_reset(&fields->storage);
	if (list->elements > (size_t)2 * FORGET_FIELDS_MAX)
		return false;
	for (size_t i = 0; i + 1 < list->elements; i += 2) {
		struct slice name = redis_reply_text(list->element[i]);
		struct slice value = redis_reply_text(list->element[i + 1]), before = value;
		struct buf room;

		buf_init(&room, fields->storage.p + fields->storage.n,
		    fields->storage.cap - fields->storage.n);
		if (!forget_field(person, whose, name, &value, &room)) {
			fields->changed = true;
			continue;
		}
		if (room.over)
			return false;
		fields->storage.n += room.n;
		fields->changed = fields->changed || !slice_eq(value, before);
		fields->v[fields->n++] = name;
		fields->v[fields->n++] = value;
	}
	return true;
}

struct slice
forget_value(const redisReply *list, const char *name)
{
	for (size_t i = 0; i + 1 < list->elements; i += 2) {
		if (slice_eq(redis_reply_text(list->element[i]), slice_of(name)))
			return redis_reply_text(list->element[i + 1]);
	}
	return slice_make(NULL, 0);
}

static uint64_t
message_digest(const char *account, struct slice id, uint32_t nth)
{
	static const uint64_t fixed[2] = {0, 0}; /* ids are ours */
	char storage[128];
	struct buf text = BUF_OVER(storage);

	buf_add_text(&text, account);
	buf_add_char(&text, ':');
	buf_add(&text, slice_head(id, 64));
	buf_add_char(&text, ':');
	buf_add_u64(&text, nth);
	return siphash(fixed, buf_slice(&text));
}

static int
note(struct forgetting *f, const struct forget_sent *sent, uint32_t nth, struct err *err)
{
	uint64_t digest = message_digest(sent->account, sent->id, nth);

	return report_set_add(&f->messages, digest, 0, err) < 0 ? -1 : 0;
}

int
forget_message_note(struct forgetting *f, const struct forget_sent *sent, struct err *err)
{
	struct slice to = sent->to, entry;
	bool is_rcpt = sent->is_rcpt, placed = false;

	if (sent->id.n == 0)
		return 0;
	for (uint32_t nth = 1; address_list_next(&to, &entry); nth++) {
		if (!forget_is_gone(f->wish->person, entry))
			continue;
		if (sent->nrcpt > 1 && note(f, sent, nth, err) != 0)
			return -1;
		placed = true;
	}
	if (!is_rcpt && !placed)
		return 0;
	if (sent->nrcpt <= 1)
		return note(f, sent, FORGET_NTH_ONLY, err);
	return note(f, sent, placed ? FORGET_NTH_AMONG : FORGET_NTH_UNKNOWN, err);
}

bool
forget_message_has(const struct forgetting *f, const char *account, struct slice id, uint32_t nth)
{
	uint32_t number;

	return id.n > 0 && report_set_find(&f->messages, message_digest(account, id, nth), &number);
}

int
forget_ask(struct forgetting *f, struct slice command, struct err *err)
{
	redisReply *reply = store_admin_ask(f->admin, command, err);
	int number;

	if (reply == NULL)
		return -1;
	number = store_admin_number(reply) > 0;
	freeReplyObject(reply);
	return number;
}

int
store_admin_forget(struct store_admin *admin, const struct store_forget_wish *wish,
    store_forget_tell *tell, void *arg, struct err *err)
{
	struct forgetting f = {.admin = admin, .wish = wish, .tell = tell, .arg = arg};
	int status;

	report_set_init(&f.messages, STORE_FORGET_NOTES, false);
	arena_init(&f.arena, 65536, ARENA_BYTES);
	status = forget_keys(&f, err);
	/* before the events: hits that arrive from then on find that nothing of him is kept */
	if (status == 0)
		status = forget_messages(&f, err);
	if (status == 0)
		status = forget_events(&f, err);
	for (unsigned kind = 0; kind < STORE_FORGET_KINDS; kind++) {
		if (f.counts[kind].found > 0)
			tell(arg, kind, "", &f.counts[kind]);
	}
	report_set_fini(&f.messages);
	arena_fini(&f.arena);
	return status;
}
