/*
 * report_rows.c - see report.h: days, tags, links, domains and classes, and what belongs to which.
 */
#include "policy/report_parts.h"

#include "base/buf.h"
#include "base/siphash.h"
#include "mail/address.h"
#include "policy/stat.h"

#include <stdlib.h>

/* Names of rows are kept up to this; then all others are one row. */
#define NAMES_BYTES ((size_t)REPORT_ROWS_MAX * (REPORT_NAME_BYTES + 16))

#define GROUP_OTHERS 0

/* Room for so many rows at first. */
#define ROWS_MIN ((size_t)32)

/* A domain is no longer than this (RFC 1035). */
#define DOMAIN_BYTES 255

static const struct slice cut_mark = SLICE_LIT("...");

int
report_rows_init(struct report *report)
{
	static const enum report_row_kind kinds[REPORT_FIXED] = {
	    [REPORT_TOTAL_AT] = REPORT_ROW_TOTAL,
	    [REPORT_NONE_AT] = REPORT_ROW_NONE,
	    [REPORT_SEVERAL_AT] = REPORT_ROW_SEVERAL,
	    [REPORT_OTHERS_AT] = REPORT_ROW_OTHERS,
	};

	report->room = ROWS_MIN;
	report->rows = calloc(report->room, sizeof(*report->rows));
	report->groups = calloc(REPORT_ROWS_MAX, sizeof(*report->groups));
	if (report->rows == NULL || report->groups == NULL) {
		free(report->rows);
		free(report->groups);
		return -1;
	}
	for (size_t i = 0; i < REPORT_FIXED; i++)
		report->rows[i].kind = kinds[i];
	report->n = REPORT_FIXED;
	report->groups[GROUP_OTHERS] = (struct report_group){{REPORT_OTHERS_AT}, 1};
	report->ngroups = 1;
	report_set_init(&report->names, (size_t)2 * REPORT_ROWS_MAX, true);
	report_set_init(&report->messages, REPORT_MESSAGES_MAX, true);
	arena_init(&report->arena, 65536, NAMES_BYTES);
	return 0;
}

void
report_rows_fini(struct report *report)
{
	report_set_fini(&report->names);
	report_set_fini(&report->messages);
	arena_fini(&report->arena);
	free(report->rows);
	free(report->groups);
}

/* --- names --- */

/* `what` keeps apart what rows, groups and messages are called. */
static uint64_t
digest_of(const struct report *report, uint64_t what, struct slice text)
{
	const uint64_t secret[2] = {report->secret[0] ^ what, report->secret[1]};

	return siphash(secret, text);
}

/* A copy that is as long as a name may be. A character of UTF-8 is not cut in two. */
static struct slice
name_keep(struct report *report, struct slice name)
{
	char storage[REPORT_NAME_BYTES];
	struct buf out = BUF_OVER(storage);
	size_t n = sizeof(storage) - cut_mark.n;

	if (name.n <= sizeof(storage))
		return arena_copy(&report->arena, name);
	while (n > 0 && ((unsigned char)name.p[n] & 0xc0) == 0x80)
		n--;
	buf_add(&out, slice_head(name, n));
	buf_add(&out, cut_mark);
	return arena_copy(&report->arena, buf_slice(&out));
}

/* A new row at the end. */
static int
row_add(struct report *report, struct slice name, struct err *err)
{
	struct slice kept = name_keep(report, name);

	if (report->n == report->room) {
		void *more = realloc(report->rows, 2 * report->room * sizeof(*report->rows));

		if (more == NULL)
			return err_set(err, ERR_NOMEM, "no memory");
		report->rows = more;
		report->room *= 2;
	}
	if (kept.p == NULL)
		return err_set(err, ERR_NOMEM, "no memory");
	report->rows[report->n++] = (struct report_row){.kind = REPORT_ROW_NAMED, .name = kept};
	return 0;
}

/* Made when it is new; that of the others when there are too many. */
int
report_named_row(struct report *report, struct slice name, uint32_t *row_r, struct err *err)
{
	uint64_t digest = digest_of(report, 'r', name);

	*row_r = REPORT_NONE_AT;
	if (name.n == 0 || report_set_find(&report->names, digest, row_r))
		return 0;
	*row_r = REPORT_OTHERS_AT;
	if (report->n == REPORT_ROWS_MAX + REPORT_FIXED)
		return 0;
	if (row_add(report, name, err) != 0)
		return -1;
	*row_r = (uint32_t)(report->n - 1);
	return report_set_add(&report->names, digest, *row_r, err) < 0 ? -1 : 0;
}

/* --- tags --- */

static void
group_add(struct report_group *group, uint32_t row)
{
	for (uint32_t i = 0; i < group->n; i++) {
		if (group->rows[i] == row)
			return;
	}
	if (group->n < REPORT_EVENT_ROWS)
		group->rows[group->n++] = row;
}

/* "welcome promo": the rows of both. */
static int
group_fill(struct report *report, struct slice tags, struct report_group *group, struct err *err)
{
	while (tags.n > 0) {
		struct slice tag = slice_head(tags, slice_find(tags, ' '));
		uint32_t row;

		tags = slice_from(tags, tag.n + 1);
		if (tag.n == 0)
			continue;
		if (report_named_row(report, tag, &row, err) != 0)
			return -1;
		group_add(group, row);
	}
	if (group->n == 0)
		group_add(group, REPORT_NONE_AT);
	return 0;
}

static int
group_of(struct report *report, struct slice tags, uint32_t *group_r, struct err *err)
{
	uint64_t digest = digest_of(report, 'g', tags);

	if (report_set_find(&report->names, digest, group_r))
		return 0;
	*group_r = GROUP_OTHERS;
	if (report->ngroups == REPORT_ROWS_MAX)
		return 0;
	if (group_fill(report, tags, &report->groups[report->ngroups], err) != 0)
		return -1;
	*group_r = (uint32_t)report->ngroups++;
	return report_set_add(&report->names, digest, *group_r, err) < 0 ? -1 : 0;
}

/* --- domains --- */

bool
report_rcpt_next(struct slice *to, struct slice *rcpt_r)
{
	while (address_list_next(to, rcpt_r)) {
		/* the last of a list that was cut: nobody knows whose it is */
		if (rcpt_r->n > 0 && !(to->n == 0 && slice_ends(*rcpt_r, cut_mark)))
			return true;
	}
	return false;
}

int
report_domain_row(struct report *report, struct slice address, uint32_t *row_r, struct err *err)
{
	struct slice domain = slice_from(address, slice_find_last(address, '@') + 1);
	char storage[DOMAIN_BYTES];
	struct buf lower = BUF_OVER(storage);

	buf_add_lower(&lower, slice_head(domain, sizeof(storage)));
	return report_named_row(report, buf_slice(&lower), row_r, err);
}

/* The one domain of all the recipients; REPORT_SEVERAL_AT when there is more than one. */
static int
domains_row(
    struct report *report, const struct report_event *event, uint32_t *row_r, struct err *err)
{
	struct slice to = event->to.n > 0 ? event->to : event->rcpt;
	int64_t n = 0;
	struct slice rcpt;
	uint32_t row;

	*row_r = REPORT_NONE_AT;
	for (; report_rcpt_next(&to, &rcpt); n++) {
		if (report_domain_row(report, rcpt, &row, err) != 0)
			return -1;
		*row_r = n == 0 || row == *row_r ? row : REPORT_SEVERAL_AT;
		if (*row_r == REPORT_SEVERAL_AT)
			return 0;
	}
	if (n > 0 && n < event->nrcpt)
		*row_r = REPORT_SEVERAL_AT;
	return 0;
}

/* --- classes of what came back --- */

static int
class_rows(struct report *report, const struct report_event *event,
    uint32_t rows_r[REPORT_EVENT_ROWS], size_t *n_r, struct err *err)
{
	*n_r = slice_eq(event->type, slice_of("bounced")) ||
	       slice_eq(event->type, slice_of("deferred"));
	return *n_r == 0 ? 0 : report_named_row(report, event->class, rows_r, err);
}

/* --- what belongs to which --- */

bool
report_must_learn(enum report_by by)
{
	return by == REPORT_BY_TAG || by == REPORT_BY_DOMAIN;
}

int
report_learn(struct report *report, const struct report_event *event, struct err *err)
{
	uint32_t number;
	int status;

	if (event->msg.n == 0 || !slice_eq(event->type, slice_of("sent")))
		return 0;
	if (report->by == REPORT_BY_TAG)
		status = group_of(report, event->tag, &number, err);
	else
		status = domains_row(report, event, &number, err);
	if (status != 0)
		return -1;
	status = report_set_add(&report->messages, digest_of(report, 'm', event->msg), number, err);
	return status < 0 ? -1 : 0;
}

int
report_tag_rows(struct report *report, struct slice tags, uint32_t rows_r[REPORT_EVENT_ROWS],
    size_t *n_r, struct err *err)
{
	const struct report_group *group;
	uint32_t number;

	if (group_of(report, tags, &number, err) != 0)
		return -1;
	group = &report->groups[number];
	memcpy(rows_r, group->rows, sizeof(group->rows));
	*n_r = group->n;
	return 0;
}

/* By its own tags, or those of its message. */
static int
event_tag_rows(struct report *report, const struct report_event *event,
    uint32_t rows_r[REPORT_EVENT_ROWS], size_t *n_r, struct err *err)
{
	const struct report_group *group;
	uint32_t number;

	if (event->tag.n > 0 ||
	    !report_set_find(&report->messages, digest_of(report, 'm', event->msg), &number))
		return report_tag_rows(report, event->tag, rows_r, n_r, err);
	group = &report->groups[number];
	memcpy(rows_r, group->rows, sizeof(group->rows));
	*n_r = group->n;
	return 0;
}

int
report_day_row(struct report *report, int64_t time_s, uint32_t *row_r, struct err *err)
{
	char hour[STAT_HOUR_BYTES], storage[16];
	struct buf day = BUF_OVER(storage);

	stat_hour(hour, time_s);
	buf_add_format(&day, "%.4s-%.2s-%.2s", hour, hour + 4, hour + 6);
	return report_named_row(report, buf_slice(&day), row_r, err);
}

int
report_rows_of(struct report *report, const struct report_event *event,
    uint32_t rows_r[REPORT_EVENT_ROWS], size_t *n_r, struct err *err)
{
	*n_r = 1;
	switch (report->by) {
	case REPORT_BY_DAY:
		return report_day_row(report, event->time_s, rows_r, err);
	case REPORT_BY_TAG:
		return event_tag_rows(report, event, rows_r, n_r, err);
	case REPORT_BY_LINK:
		*n_r = slice_eq(event->type, slice_of("clicked"));
		return *n_r == 0 ? 0
				 : report_named_row(report,
				       event->url.n > 0 ? event->url : event->link, rows_r, err);
	case REPORT_BY_DOMAIN:
		if (event->rcpt.n > 0)
			return report_domain_row(report, event->rcpt, rows_r, err);
		if (!report_set_find(&report->messages, digest_of(report, 'm', event->msg), rows_r))
			*rows_r = REPORT_NONE_AT;
		return 0;
	case REPORT_BY_CLASS:
		return class_rows(report, event, rows_r, n_r, err);
	default:
		*n_r = 0;
		return 0;
	}
}
