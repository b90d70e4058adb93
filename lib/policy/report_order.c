/*
 * report_order.c - see report.h: the rows as they are shown.
 */
#include "policy/report_parts.h"

#include <stdlib.h>

static bool
row_is_empty(const struct report_row *row)
{
	for (size_t i = 0; i < REPORT_COUNTS; i++) {
		if (row->counts[i] != 0)
			return false;
	}
	return true;
}

/* Clicks of anybody are what a link has, failures a class; what else is sorted by recipients has
 * none. */
static int64_t
weight_of(const struct report_row *row)
{
	const int64_t *n = row->counts;

	if (n[REPORT_RCPTS] > 0)
		return n[REPORT_RCPTS];
	return n[REPORT_CLICKED] + n[REPORT_CLICKED_MACHINE] + n[REPORT_CLICKED_UNKNOWN] +
	       n[REPORT_BOUNCED_HARD] + n[REPORT_BOUNCED_SOFT] + n[REPORT_DEFERRED];
}

/* Failures of what was sent before the time of the report may be more than what was sent in it. */
static void
delivered_set(struct report_row *row)
{
	int64_t *n = row->counts;
	int64_t failed = n[REPORT_BOUNCED_HARD] + n[REPORT_BOUNCED_SOFT];

	n[REPORT_DELIVERED] = n[REPORT_RCPTS] > failed ? n[REPORT_RCPTS] - failed : 0;
}

static int
compare(const struct report_row *a, const struct report_row *b, bool by_weight)
{
	int64_t wa = by_weight ? weight_of(a) : 0, wb = by_weight ? weight_of(b) : 0;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (wa != wb)
		return wa > wb ? -1 : 1;
	return slice_compare(a->name, b->name);
}

static int
compare_name(const void *a, const void *b)
{
	return compare(a, b, false);
}

static int
compare_weight(const void *a, const void *b)
{
	return compare(a, b, true);
}

void
report_sort(struct report *report)
{
	size_t n = REPORT_NONE_AT;

	for (size_t i = REPORT_NONE_AT; i < report->n; i++) {
		if (!row_is_empty(&report->rows[i]))
			report->rows[n++] = report->rows[i];
	}
	report->n = n;
	for (size_t i = 0; i < n; i++)
		delivered_set(&report->rows[i]);
	report_set_fini(&report->seen);
	report_set_fini(&report->messages);
	qsort(report->rows + REPORT_NONE_AT, n - REPORT_NONE_AT, sizeof(*report->rows),
	    report->by == REPORT_BY_DAY ? compare_name : compare_weight);
}

size_t
report_rows(const struct report *report, const struct report_row **rows_r)
{
	*rows_r = report->rows + REPORT_NONE_AT;
	return report->n - REPORT_NONE_AT;
}
