/*
 * store_admin_report.c - see store_admin_report.h.
 */
#include "io/store_admin_report.h"

#include "io/redis_command.h"
#include "io/store_admin_stream.h"
#include "policy/account.h"

#include <stdlib.h>

/* Events in one round trip: of ordinary ones some 500 kB. */
#define PAGE_EVENTS 1000

#define DAY_S 86400

/* Days asked about in one round trip. */
#define DAYS_PART 100

struct store_report {
	struct store_stream stream;
};

struct store_report *
store_admin_report(struct store_admin *admin, const char *account, int64_t from_ms, struct err *err)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	struct store_report *report;

	if (account_name_check(slice_of(account), err) != 0)
		return NULL;
	report = calloc(1, sizeof(*report));
	if (report == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	redis_key_events(&key, admin->target.conf.prefix, account);
	store_stream_init(&report->stream, admin, buf_slice(&key));
	store_stream_range(&report->stream, from_ms, INT64_MAX, true);
	report->stream.page_entries = PAGE_EVENTS;
	report->stream.ahead = true;
	return report;
}

void
store_report_free(struct store_report *report)
{
	if (report == NULL)
		return;
	store_stream_fini(&report->stream);
	free(report);
}

/* Where a field's value belongs. */
static const struct {
	struct slice name;
	size_t place;
} places[] = {
    {SLICE_LIT("type"), offsetof(struct report_event, type)},
    {SLICE_LIT("msg"), offsetof(struct report_event, msg)},
    {SLICE_LIT("nth"), offsetof(struct report_event, nth)},
    {SLICE_LIT("person"), offsetof(struct report_event, person)},
    {SLICE_LIT("rcpt"), offsetof(struct report_event, rcpt)},
    {SLICE_LIT("to"), offsetof(struct report_event, to)},
    {SLICE_LIT("tag"), offsetof(struct report_event, tag)},
    {SLICE_LIT("who"), offsetof(struct report_event, who)},
    {SLICE_LIT("link"), offsetof(struct report_event, link)},
    {SLICE_LIT("url"), offsetof(struct report_event, url)},
    {SLICE_LIT("class"), offsetof(struct report_event, class)},
    {SLICE_LIT("strength"), offsetof(struct report_event, strength)},
};

/* NULL: no report needs it. */
static struct slice *
value_place(struct report_event *e, struct slice name)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (slice_eq(name, places[i].name))
			return (struct slice *)(void *)((char *)e + places[i].place);
	}
	return NULL;
}

static void
event_fill(struct report_event *e, const redisReply *fields)
{
	*e = (struct report_event){.nrcpt = 0};
	for (size_t i = 0; i + 1 < fields->elements; i += 2) {
		struct slice name = redis_reply_text(fields->element[i]);
		const redisReply *value = fields->element[i + 1];
		struct slice *place = value_place(e, name);

		if (place != NULL)
			*place = redis_reply_text(value);
		else if (slice_eq(name, slice_of("time")))
			e->time_s = store_admin_number(value);
		else if (slice_eq(name, slice_of("nrcpt")))
			e->nrcpt = store_admin_number(value);
	}
}

int
store_report_next(struct store_report *report, struct report_event *event_r, struct err *err)
{
	const redisReply *entry;
	int64_t kept_ms;
	int status = store_stream_entry(&report->stream, &entry, &kept_ms, err);

	if (status != 1)
		return status;
	event_fill(event_r, entry->element[1]);
	if (event_r->time_s == 0)
		event_r->time_s = kept_ms / 1000;
	return 1;
}

/* --- what was counted --- */

/* 1, 0 when nothing was counted, or -1. */
static int
day_take(struct report *report, int64_t day_s, const redisReply *fields, struct err *err)
{
	for (size_t i = 0; report != NULL && i + 1 < fields->elements; i += 2) {
		if (report_add_counted(report, day_s, redis_reply_text(fields->element[i]),
			store_admin_number(fields->element[i + 1]), err) != 0)
			return -1;
	}
	return fields->elements > 0;
}

/* So many days, over one round trip: as above. */
static int
days_take(struct store_admin *admin, const char *account, const struct store_report_days *days,
    struct report *report, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[DAYS_PART * (REDIS_KEY_BYTES + 32)];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);
	int any = 0;

	for (int64_t day_s = days->from_s; day_s <= days->until_s; day_s += DAY_S) {
		buf_reset(&key);
		redis_key_hits(&key, admin->target.conf.prefix, account, day_s);
		redis_command_begin(&out, 2);
		redis_command_text(&out, "HGETALL");
		redis_command_word(&out, buf_slice(&key));
	}
	if (store_admin_send(admin, buf_slice(&out), err) != 0)
		return -1;
	for (int64_t day_s = days->from_s; day_s <= days->until_s; day_s += DAY_S) {
		redisReply *fields = store_admin_receive(admin, err);
		int status;

		if (fields == NULL)
			return -1;
		status = day_take(report, day_s, fields, err);
		freeReplyObject(fields);
		if (status < 0)
			return -1;
		any |= status;
	}
	return any;
}

int
store_admin_report_counted(struct store_admin *admin, const char *account,
    const struct store_report_days *days, struct report *report, struct err *err)
{
	int64_t day_s = days->from_s - days->from_s % DAY_S;
	int any = 0, status;

	for (; day_s <= days->until_s; day_s += (int64_t)DAYS_PART * DAY_S) {
		struct store_report_days part = {day_s, day_s + (int64_t)(DAYS_PART - 1) * DAY_S};

		if (part.until_s > days->until_s)
			part.until_s = days->until_s;
		status = days_take(admin, account, &part, report, err);
		if (status < 0)
			return -1;
		any |= status;
	}
	return any;
}

/* --- is there anything? --- */

static int
events_any(struct store_admin *admin, const char *account, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	int any;

	redis_key_events(&key, admin->target.conf.prefix, account);
	redis_command_begin(&out, 2);
	redis_command_text(&out, "TTL");
	redis_command_word(&out, buf_slice(&key));
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	any = store_admin_number(reply) != -2; /* no such key */
	freeReplyObject(reply);
	return any;
}

int
store_admin_report_any(struct store_admin *admin, const char *account,
    const struct store_report_days *days, struct err *err)
{
	int any = events_any(admin, account, err);

	return any != 0 ? any : store_admin_report_counted(admin, account, days, NULL, err);
}
