/*
 * report_line.h - one row of a report: its rates, what is over a threshold, and what it knows
 * nothing of.
 */
#ifndef CTL_REPORT_LINE_H
#define CTL_REPORT_LINE_H

#include "report_print.h"

/* Behind the counts: what is among what. */
enum report_rate {
	REPORT_RATE_OPENED,
	REPORT_RATE_CLICKED,
	REPORT_RATE_UNSUBSCRIBED,
	REPORT_RATE_BOUNCED,
	REPORT_RATE_BOUNCED_HARD,
	REPORT_RATE_COMPLAINED,
	REPORT_RATES,
};

/* One row, ready to be shown. */
struct report_line {
	const char *account; /* NULL: the total of all */
	const struct report_row *row;
	int64_t sent; /* recipients, that rates are among */
};

/* Behind the rates, and not on a terminal, which has marks: what reaches a threshold. */
#define REPORT_FLAGS 4
extern const char *const report_flag_keys[REPORT_FLAGS];
bool report_line_flag(const struct report_line *line, size_t flag);

/* In millionths; -1: among nothing. */
int64_t report_line_rate(const struct report_line *line, enum report_rate rate);

/* How bad what that rate's column shows is. */
enum report_level report_line_level(const struct report_line *line, enum report_rate rate);

/* What the rows are about: a link knows of clicks only, a class of failures. */
bool report_rows_say(const struct report_view *view, enum report_count count);
bool report_rows_say_rate(const struct report_view *view, enum report_rate rate);

/* Does this one say anything about that? */
bool report_line_says(
    const struct report_view *view, const struct report_line *line, enum report_count count);
bool report_line_says_rate(
    const struct report_view *view, const struct report_line *line, enum report_rate rate);

#endif
