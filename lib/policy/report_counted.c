/*
 * report_counted.c - see report.h: hits of which only counts were kept.
 */
#include "policy/report_parts.h"

/* More is no count: sums would overflow. */
#define COUNTED_MAX INT64_C(1000000000000)

/* "TYPE WHO", "TYPE WHO tag=TAG", "TYPE WHO url=URL" */
static struct report_event
field_parse(struct slice field)
{
	struct report_event event = {.nrcpt = 0};
	struct slice rest;

	event.type = slice_head(field, slice_find(field, ' '));
	rest = slice_from(field, event.type.n + 1);
	event.who = slice_head(rest, slice_find(rest, ' '));
	rest = slice_from(rest, event.who.n + 1);
	if (slice_starts(rest, slice_of("tag=")))
		event.tag = slice_from(rest, 4);
	if (slice_starts(rest, slice_of("url=")))
		event.url = slice_from(rest, 4);
	return event;
}

/* The rows that a part of the sum belongs to, or, when it is the sum, where it is until a part claims
 * its own. */
static int
counted_rows(struct report *report, const struct report_event *event,
    uint32_t rows_r[REPORT_EVENT_ROWS], size_t *n_r, struct err *err)
{
	*n_r = 1;
	rows_r[0] = REPORT_NONE_AT;
	if (report->by == REPORT_BY_TAG)
		return report_tag_rows(report, event->tag, rows_r, n_r, err);
	if (report->by == REPORT_BY_DAY)
		return report_day_row(report, event->time_s, rows_r, err);
	if (report->by == REPORT_BY_LINK)
		return report_named_row(report, event->url, rows_r, err);
	*n_r = report->by == REPORT_BY_DOMAIN;
	return 0;
}

/* Is it a part of the sum by what this report is not about? */
static bool
is_other_part(const struct report *report, const struct report_event *event)
{
	return (event->tag.n > 0 && report->by != REPORT_BY_TAG) ||
	       (event->url.n > 0 && report->by != REPORT_BY_LINK);
}

int
report_add_counted(
    struct report *report, int64_t day_s, struct slice field, int64_t n, struct err *err)
{
	struct report_event event = field_parse(field);
	uint32_t rows[REPORT_EVENT_ROWS];
	struct report_hit hit;
	size_t nrows;

	event.time_s = day_s;
	if (n <= 0 || n > COUNTED_MAX || !report_hit_of(&event, &hit) ||
	    is_other_part(report, &event))
		return 0;
	if (report->by == REPORT_BY_LINK && !slice_eq(event.type, slice_of("clicked")))
		return 0;
	if (hit.all == REPORT_COUNTS)
		hit.all = hit.unique;
	if (counted_rows(report, &event, rows, &nrows, err) != 0)
		return -1;
	for (size_t i = 0; i < nrows; i++)
		report->rows[rows[i]].counts[hit.all] += n;
	if (event.tag.n > 0 || event.url.n > 0) {
		report->rows[REPORT_NONE_AT].counts[hit.all] -= n;
	} else {
		report->rows[REPORT_TOTAL_AT].counts[hit.all] += n;
		report->counted += n;
	}
	return 0;
}
