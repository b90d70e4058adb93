/*
 * words.c - see words.h.
 */
#include "words.h"

#include <time.h>

#define DAY_S 86400

/* up: what is not a whole unit counts as one */
static void
duration_add(struct buf *out, int64_t seconds, bool up)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{DAY_S, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
	size_t i = 0;
	int64_t n;

	if (seconds < 0)
		seconds = 0;
	while (units[i].seconds > 1 && seconds < 2 * units[i].seconds)
		i++;
	n = (seconds + (up ? units[i].seconds - 1 : 0)) / units[i].seconds;
	buf_add_format(out, "%lld %s%s", (long long)n, units[i].name, n == 1 ? "" : "s");
}

void
words_duration(struct buf *out, int64_t seconds)
{
	duration_add(out, seconds, false);
}

void
words_when(struct buf *out, int64_t unix_s, int64_t now_s)
{
	if (unix_s == now_s) {
		buf_add_text(out, "now");
	} else if (unix_s > now_s) {
		buf_add_text(out, "in ");
		duration_add(out, unix_s - now_s, true);
	} else {
		words_duration(out, now_s - unix_s);
		buf_add_text(out, " ago");
	}
}

void
words_clock(struct buf *out, int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	struct tm tm;
	char text[64];

	if (gmtime_r(&when, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		buf_add_format(out, "%lld s", (long long)unix_s);
	else
		buf_add_text(out, text);
}

/* Days from 1970-01-01 to that day of the proleptic Gregorian calendar. */
static int64_t
days_from_epoch(int year, int month, int day)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int past = year - (month <= 2); /* years whose leap day is over */

	return 365LL * (year - 1970) + (past / 4 - past / 100 + past / 400) -
	       (1969 / 4 - 1969 / 100 + 1969 / 400) + before[month - 1] + day - 1;
}

int
words_day_parse(const char *text, int64_t *unix_r)
{
	static const char shape[] = "dddd-dd-dd";
	int number[3] = {0, 0, 0};
	int part = 0;
	char back[16];
	time_t when;
	struct tm tm;

	for (size_t i = 0; i < sizeof(shape); i++) { /* with the NUL */
		if (shape[i] == 'd' ? !ascii_is_digit(text[i]) : text[i] != shape[i])
			return -1;
		if (shape[i] == 'd')
			number[part] = number[part] * 10 + (text[i] - '0');
		else
			part++;
	}
	if (number[0] < 1970 || number[1] < 1 || number[1] > 12)
		return -1;
	*unix_r = DAY_S * days_from_epoch(number[0], number[1], number[2]);
	when = (time_t)*unix_r; /* the 31st of February would come back as another day */
	if (gmtime_r(&when, &tm) == NULL || strftime(back, sizeof(back), "%Y-%m-%d", &tm) == 0)
		return -1;
	return strcmp(back, text) == 0 ? 0 : -1;
}
