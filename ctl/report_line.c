/*
 * report_line.c - see report_line.h.
 */
#include "report_line.h"

const char *const report_flag_keys[REPORT_FLAGS] = {
    "complaints_raised", "complaints_high", "bounces_raised", "bounces_high"};

static const struct {
	enum report_level (*level)(const struct report_row *);
	enum report_level least;
} flags[REPORT_FLAGS] = {
    {report_complaints_level, REPORT_LEVEL_RAISED},
    {report_complaints_level, REPORT_LEVEL_HIGH},
    {report_bounces_level, REPORT_LEVEL_RAISED},
    {report_bounces_level, REPORT_LEVEL_HIGH},
};

static bool
is_click(enum report_count count)
{
	return count >= REPORT_CLICKED && count <= REPORT_CLICKED_UNKNOWN_TOTAL;
}

static bool
is_failure(enum report_count count)
{
	return count >= REPORT_BOUNCED_HARD && count <= REPORT_DEFERRED;
}

/* A complaint is about a mail that arrived. */
int64_t
report_line_rate(const struct report_line *line, enum report_rate rate)
{
	const int64_t *n = line->row->counts;
	const int64_t parts[REPORT_RATES] = {
	    [REPORT_RATE_OPENED] = n[REPORT_OPENED],
	    [REPORT_RATE_CLICKED] = n[REPORT_CLICKED],
	    [REPORT_RATE_UNSUBSCRIBED] = n[REPORT_UNSUBSCRIBED],
	    [REPORT_RATE_BOUNCED] = n[REPORT_BOUNCED_HARD] + n[REPORT_BOUNCED_SOFT],
	    [REPORT_RATE_BOUNCED_HARD] = n[REPORT_BOUNCED_HARD],
	    [REPORT_RATE_COMPLAINED] = n[REPORT_COMPLAINED],
	};

	return report_rate_millionths(
	    parts[rate], rate == REPORT_RATE_COMPLAINED ? n[REPORT_DELIVERED] : line->sent);
}

bool
report_rows_say(const struct report_view *view, enum report_count count)
{
	if (view->by == REPORT_BY_LINK)
		return is_click(count);
	return view->by != REPORT_BY_CLASS || is_failure(count);
}

bool
report_rows_say_rate(const struct report_view *view, enum report_rate rate)
{
	if (view->by == REPORT_BY_LINK)
		return rate == REPORT_RATE_CLICKED;
	return view->by != REPORT_BY_CLASS || rate == REPORT_RATE_BOUNCED ||
	       rate == REPORT_RATE_BOUNCED_HARD;
}

bool
report_line_says(
    const struct report_view *view, const struct report_line *line, enum report_count count)
{
	return line->row->kind == REPORT_ROW_TOTAL || report_rows_say(view, count);
}

bool
report_line_says_rate(
    const struct report_view *view, const struct report_line *line, enum report_rate rate)
{
	return report_line_rate(line, rate) >= 0 &&
	       (line->row->kind == REPORT_ROW_TOTAL || report_rows_say_rate(view, rate));
}

enum report_level
report_line_level(const struct report_line *line, enum report_rate rate)
{
	switch (rate) {
	case REPORT_RATE_BOUNCED_HARD:
		return report_bounces_level(line->row);
	case REPORT_RATE_COMPLAINED:
		return report_complaints_level(line->row);
	default:
		return REPORT_LEVEL_FINE;
	}
}

bool
report_line_flag(const struct report_line *line, size_t flag)
{
	return flags[flag].level(line->row) >= flags[flag].least;
}
