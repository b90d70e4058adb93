/*
 * report.c - see report.h: what an event counts, and how often.
 */
#include "policy/report.h"

#include "base/buf.h"
#include "base/siphash.h"
#include "policy/report_parts.h"

#include <stdlib.h>

/* What one digest is made of beside row and count; longer ones are cut. */
#define MSG_BYTES  40
#define COPY_BYTES 520

/* More is no number of recipients: sums would overflow. */
#define NRCPT_MAX INT64_C(1000000000)

static const char *const count_names[REPORT_COUNTS] = {
    [REPORT_MESSAGES] = "messages",
    [REPORT_RCPTS] = "recipients",
    [REPORT_DELIVERED] = "delivered",
    [REPORT_OPENED] = "opened",
    [REPORT_OPENED_TOTAL] = "opened_total",
    [REPORT_OPENED_MACHINE] = "opened_machine",
    [REPORT_OPENED_MACHINE_TOTAL] = "opened_machine_total",
    [REPORT_OPENED_UNKNOWN] = "opened_unknown",
    [REPORT_OPENED_UNKNOWN_TOTAL] = "opened_unknown_total",
    [REPORT_CLICKED] = "clicked",
    [REPORT_CLICKED_TOTAL] = "clicked_total",
    [REPORT_CLICKED_MACHINE] = "clicked_machine",
    [REPORT_CLICKED_MACHINE_TOTAL] = "clicked_machine_total",
    [REPORT_CLICKED_UNKNOWN] = "clicked_unknown",
    [REPORT_CLICKED_UNKNOWN_TOTAL] = "clicked_unknown_total",
    [REPORT_UNSUBSCRIBED] = "unsubscribed",
    [REPORT_BOUNCED_HARD] = "bounced_hard",
    [REPORT_BOUNCED_SOFT] = "bounced_soft",
    [REPORT_DEFERRED] = "deferred",
    [REPORT_COMPLAINED] = "complained",
    [REPORT_SUPPRESSED] = "suppressed",
    [REPORT_REFUSED] = "refused",
};

const char *
report_count_name(enum report_count count)
{
	return count_names[count];
}

int64_t
report_rate_millionths(int64_t count, int64_t n)
{
	if (n <= 0)
		return -1;
	if (count > INT64_MAX / 1000000)
		return count / n * 1000000;
	return count * 1000000 / n;
}

static enum report_level
level_of(int64_t millionths, int64_t raised, int64_t high)
{
	if (millionths >= high)
		return REPORT_LEVEL_HIGH;
	return millionths >= raised ? REPORT_LEVEL_RAISED : REPORT_LEVEL_FINE;
}

enum report_level
report_complaints_level(const struct report_row *row)
{
	const int64_t *n = row->counts;

	return level_of(report_rate_millionths(n[REPORT_COMPLAINED], n[REPORT_DELIVERED]),
	    REPORT_COMPLAINTS_RAISED_MILLIONTHS, REPORT_COMPLAINTS_HIGH_MILLIONTHS);
}

enum report_level
report_bounces_level(const struct report_row *row)
{
	const int64_t *n = row->counts;

	return level_of(report_rate_millionths(n[REPORT_BOUNCED_HARD], n[REPORT_RCPTS]),
	    REPORT_BOUNCES_RAISED_MILLIONTHS, REPORT_BOUNCES_HIGH_MILLIONTHS);
}

struct report *
report_new(enum report_by by, const uint64_t secret[2], struct err *err)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL || report_rows_init(report) != 0) {
		free(report);
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	report->by = by;
	memcpy(report->secret, secret, sizeof(report->secret));
	report_set_init(&report->seen, REPORT_UNIQUES_MAX, false);
	return report;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	report_set_fini(&report->seen);
	report_rows_fini(report);
	free(report);
}

const struct report_row *
report_total(const struct report *report)
{
	return &report->rows[REPORT_TOTAL_AT];
}

int64_t
report_counted(const struct report *report)
{
	return report->counted;
}

int64_t
report_without_rcpt(const struct report *report)
{
	return report->without_rcpt;
}

/* --- once, and all together --- */

/* Which copy of the message. */
static struct slice
copy_of(const struct report_event *e)
{
	if (e->nth.n > 0)
		return e->nth;
	return e->person.n > 0 ? e->person : e->rcpt;
}

/* 1 when this was not yet counted in that row, 0, or -1. Without any name, each is another. */
static int
is_new(struct report *report, uint32_t row, enum report_count count, const struct report_event *e,
    struct err *err)
{
	char storage[MSG_BYTES + COPY_BYTES + 16];
	struct buf bytes = BUF_OVER(storage);
	struct slice copy = copy_of(e);

	if (e->msg.n == 0 && copy.n == 0)
		return 1;
	buf_add(&bytes, slice_make((const char *)&row, sizeof(row)));
	buf_add_char(&bytes, (char)count);
	buf_add(&bytes, slice_head(e->msg, MSG_BYTES));
	buf_add_char(&bytes, '\0');
	buf_add_lower(&bytes, slice_head(copy, COPY_BYTES));
	return report_set_add(&report->seen, siphash(report->secret, buf_slice(&bytes)), 0, err);
}

static int
hit_count(struct report *report, const struct report_hit *hit, uint32_t row, struct err *err)
{
	int64_t *counts = report->rows[row].counts; /* no row is added meanwhile */
	int added;

	if (hit->all != REPORT_COUNTS)
		counts[hit->all]++;
	if (hit->unique == REPORT_COUNTS)
		return 0;
	added = is_new(report, row, hit->unique, hit->event, err);
	if (added < 0)
		return -1;
	counts[hit->unique] += added;
	return 0;
}

/* In the total, and in each row that it belongs to. */
static int
hit_add(struct report *report, const struct report_hit *hit, struct err *err)
{
	uint32_t rows[REPORT_EVENT_ROWS];
	size_t n;

	if (hit_count(report, hit, REPORT_TOTAL_AT, err) != 0 ||
	    report_rows_of(report, hit->event, rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (hit_count(report, hit, rows[i], err) != 0)
			return -1;
	}
	return 0;
}

/* --- what left --- */

static int64_t
nrcpt_of(const struct report_event *event)
{
	return event->nrcpt > 0 && event->nrcpt < NRCPT_MAX ? event->nrcpt : 1;
}

static void
sent_count(struct report *report, uint32_t row, int64_t nrcpt)
{
	report->rows[row].counts[REPORT_MESSAGES]++;
	report->rows[row].counts[REPORT_RCPTS] += nrcpt;
}

/* Each recipient in his domain; those beyond what the event has room for, nowhere. */
static int
domains_count(
    struct report *report, const struct report_event *message, struct slice to, struct err *err)
{
	int64_t left = nrcpt_of(message);
	struct slice rcpt;
	uint32_t row;

	while (left > 0 && report_rcpt_next(&to, &rcpt)) {
		int added;

		if (report_domain_row(report, rcpt, &row, err) != 0)
			return -1;
		added = is_new(report, row, REPORT_MESSAGES, message, err);
		if (added < 0)
			return -1;
		report->rows[row].counts[REPORT_MESSAGES] += added;
		report->rows[row].counts[REPORT_RCPTS]++;
		left--;
	}
	report->rows[REPORT_NONE_AT].counts[REPORT_RCPTS] += left;
	return 0;
}

/* One message, once, however often its event was written. */
static int
sent_add(struct report *report, const struct report_event *event, struct err *err)
{
	struct report_event message = *event;
	uint32_t rows[REPORT_EVENT_ROWS];
	size_t n;
	int added;

	message.nth = message.person = message.rcpt = slice_make(NULL, 0);
	added = is_new(report, REPORT_TOTAL_AT, REPORT_MESSAGES, &message, err);
	if (added <= 0)
		return added;
	sent_count(report, REPORT_TOTAL_AT, nrcpt_of(event));
	if (report->by == REPORT_BY_DOMAIN)
		return domains_count(
		    report, &message, event->to.n > 0 ? event->to : event->rcpt, err);
	if (report_rows_of(report, event, rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		sent_count(report, rows[i], nrcpt_of(event));
	return 0;
}

/* --- what became of it --- */

/* People, machines, or who knows: how far behind the count of people. */
static unsigned
who_offset(struct slice who)
{
	if (slice_eq(who, slice_of("human")))
		return 0;
	return slice_eq(who, slice_of("bot")) || slice_eq(who, slice_of("proxy")) ? 2 : 4;
}

bool
report_hit_of(const struct report_event *event, struct report_hit *hit_r)
{
	static const struct {
		const char *type;
		enum report_count unique, all;
	} types[] = {
	    {"opened", REPORT_OPENED, REPORT_OPENED_TOTAL},
	    {"clicked", REPORT_CLICKED, REPORT_CLICKED_TOTAL},
	    {"unsubscribed", REPORT_UNSUBSCRIBED, REPORT_COUNTS},
	    {"bounced", REPORT_BOUNCED_SOFT, REPORT_COUNTS},
	    {"deferred", REPORT_DEFERRED, REPORT_COUNTS},
	    {"complained", REPORT_COMPLAINED, REPORT_COUNTS},
	    {"suppressed", REPORT_COUNTS, REPORT_SUPPRESSED},
	    {"refused", REPORT_COUNTS, REPORT_REFUSED},
	};
	size_t i = 0;

	while (
	    i < sizeof(types) / sizeof(*types) && !slice_eq(event->type, slice_of(types[i].type)))
		i++;
	if (i == sizeof(types) / sizeof(*types))
		return false;
	*hit_r = (struct report_hit){event, types[i].unique, types[i].all};
	if (hit_r->unique == REPORT_OPENED || hit_r->unique == REPORT_CLICKED) {
		hit_r->unique += who_offset(event->who);
		hit_r->all += who_offset(event->who);
	}
	if (hit_r->unique == REPORT_BOUNCED_SOFT && slice_eq(event->strength, slice_of("hard")))
		hit_r->unique = REPORT_BOUNCED_HARD;
	return true;
}

int
report_add(struct report *report, const struct report_event *event, struct err *err)
{
	struct report_hit hit;

	if (slice_eq(event->type, slice_of("sent")))
		return sent_add(report, event, err);
	if (!report_hit_of(event, &hit))
		return 0;
	report->without_rcpt += hit.unique != REPORT_COUNTS && copy_of(event).n == 0;
	return hit_add(report, &hit, err);
}
