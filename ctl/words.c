/*
 * words.c - see words.h.
 */
#include "words.h"

#include <stdio.h>
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

/* "-2h" */
static int
ago_parse(const char *text, int64_t now_s, int64_t *unix_r)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY_S}, {'w', INT64_C(7) * DAY_S}};
	int64_t number = 0;
	size_t n = 1;

	for (; n < 10 && ascii_is_digit(text[n]); n++)
		number = number * 10 + (text[n] - '0');
	for (size_t i = 0; n > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[n] != units[i].letter || text[n + 1] != '\0')
			continue;
		*unix_r = now_s - number * units[i].seconds;
		return 0;
	}
	return -1;
}

/* "14:30", "14:30:59", as seconds of a day. */
static int
clock_parse(const char *text, int64_t *seconds_r)
{
	static const int limits[] = {24, 60, 60};
	size_t length = strlen(text);
	int64_t seconds = 0;

	if (length != 5 && length != 8)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		const char *part = text + 3 * i;
		int number = 0;

		if (3 * i < length) {
			if (!ascii_is_digit(part[0]) || !ascii_is_digit(part[1]) ||
			    (i > 0 && part[-1] != ':'))
				return -1;
			number = (part[0] - '0') * 10 + (part[1] - '0');
		}
		if (number >= limits[i])
			return -1;
		seconds = seconds * 60 + number;
	}
	*seconds_r = seconds;
	return 0;
}

static int
number_parse(const char *text, int64_t *unix_r)
{
	int64_t number = 0;
	size_t n = 0;

	for (; n < 12 && ascii_is_digit(text[n]); n++)
		number = number * 10 + (text[n] - '0');
	if (n == 0 || text[n] != '\0')
		return -1;
	*unix_r = number;
	return 0;
}

int
words_time_parse(const char *text, int64_t now_s, int64_t *unix_r)
{
	int64_t seconds = 0;
	char day[11];

	*unix_r = strcmp(text, "now") == 0 ? now_s : now_s - now_s % DAY_S;
	if (strcmp(text, "now") == 0 || strcmp(text, "today") == 0)
		return 0;
	*unix_r -= DAY_S;
	if (strcmp(text, "yesterday") == 0)
		return 0;
	if (text[0] == '-')
		return ago_parse(text, now_s, unix_r);
	if (number_parse(text, unix_r) == 0)
		return 0;
	if (strlen(text) > 10 &&
	    ((text[10] != 'T' && text[10] != ' ') || clock_parse(text + 11, &seconds) != 0))
		return -1;
	(void)snprintf(day, sizeof(day), "%s", text);
	if (words_day_parse(day, unix_r) != 0)
		return -1;
	*unix_r += seconds;
	return 0;
}
