/*
 * date.c - see date.h. Not by strftime(), whose names follow the locale.
 */
#include "mail/date.h"

#include <time.h>

void
date_format(struct buf *out, int64_t unix_s)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t when = (time_t)unix_s;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL)
		return;
	buf_add_format(out, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
	    months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
