/*
 * report_print.h - reports as tables, CSV and JSON.
 */
#ifndef CTL_REPORT_PRINT_H
#define CTL_REPORT_PRINT_H

#include "policy/report.h"
#include "table.h"

struct report_view {
	struct out *out;
	enum report_by by;
	bool csv;
	bool all;     /* of several accounts */
	size_t limit; /* rows of each account; 0: all */
	struct report_row grand;
	struct table table;
	struct table_column columns[TABLE_COLUMNS_MAX];
	bool begun;
	bool marked; /* a row reached a threshold, and was marked */
};

/* One report that is sorted. */
struct report_done {
	const char *account;
	struct report *report;
};

/* Prints all of them. */
void report_print(struct report_view *view, const struct report_done *done, size_t n);

#endif
