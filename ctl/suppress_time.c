/*
 * suppress_time.c - the times of suppress_format.h.
 */
#include "suppress_format.h"
#include "words.h"

#include <time.h>

#define TIME_MAX_S INT64_C(253402300799)

void
suppress_time_format(struct buf *out, int64_t unix_s)
{
	time_t when = (time_t)unix_s;
	char text[32];
	struct tm tm;

	if (unix_s == 0 || gmtime_r(&when, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return;
	buf_add_text(out, text);
}

/* Takes digits off the front, from min to max of them: their number, or -1. */
static int64_t
digits_take(struct slice *text, size_t min, size_t max)
{
	int64_t number = 0;
	size_t n = 0;

	for (; n < text->n && n < max && ascii_is_digit(text->p[n]); n++)
		number = number * 10 + (text->p[n] - '0');
	*text = slice_from(*text, n);
	return n < min ? -1 : number;
}

static bool
char_take(struct slice *text, char c)
{
	if (text->n == 0 || text->p[0] != c)
		return false;
	*text = slice_from(*text, 1);
	return true;
}

static void
blanks_take(struct slice *text)
{
	while (char_take(text, ' '))
		;
}

/* "14:30", "14:30:59", "14:30:59.123456", as seconds of the day. */
static int
clock_take(struct slice *text, int64_t *seconds_r)
{
	int64_t hour = digits_take(text, 2, 2), minute, second = 0;

	if (hour < 0 || !char_take(text, ':'))
		return -1;
	minute = digits_take(text, 2, 2);
	if (char_take(text, ':'))
		second = digits_take(text, 2, 2);
	if (char_take(text, '.'))
		(void)digits_take(text, 0, 12);
	if (hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return -1;
	*seconds_r = hour * 3600 + minute * 60 + second;
	return 0;
}

/* "Z", "UTC", "+02:00", "-0500", or nothing, to the end. Seconds ahead of UTC. */
static int
zone_take(struct slice text, int64_t *ahead_r)
{
	int64_t hours, minutes, sign;

	*ahead_r = 0;
	text = slice_trim(text);
	if (text.n == 0 || slice_eq_nocase(text, slice_of("Z")) ||
	    slice_eq_nocase(text, slice_of("UTC")) || slice_eq_nocase(text, slice_of("GMT")))
		return 0;
	sign = text.p[0] == '-' ? -1 : 1;
	if (!char_take(&text, '+') && !char_take(&text, '-'))
		return -1;
	hours = digits_take(&text, 2, 2);
	(void)char_take(&text, ':');
	minutes = text.n == 0 ? 0 : digits_take(&text, 2, 2);
	text = slice_head(text, slice_find(text, '(')); /* RFC 5322: a comment */
	if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || slice_trim(text).n > 0)
		return -1;
	*ahead_r = sign * (hours * 3600 + minutes * 60);
	return 0;
}

/* The day, and what follows it: a clock, perhaps, and a zone. */
static int
day_and_rest(int64_t year, int64_t month, int64_t day, struct slice rest, int64_t *unix_r)
{
	int64_t seconds = 0, ahead = 0, midnight;
	char text[24];

	if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31)
		return -1;
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02d", (int)year, (int)month, (int)day);
	if (words_day_parse(text, &midnight) != 0)
		return -1;
	if (char_take(&rest, 'T') || char_take(&rest, ' ')) {
		blanks_take(&rest);
		if (clock_take(&rest, &seconds) != 0 || zone_take(rest, &ahead) != 0)
			return -1;
	} else if (rest.n > 0) {
		return -1;
	}
	*unix_r = midnight + seconds - ahead;
	return *unix_r >= 0 && *unix_r <= TIME_MAX_S ? 0 : -1;
}

static int
iso_parse(struct slice text, int64_t *unix_r)
{
	int64_t year = digits_take(&text, 4, 4), month, day;

	if (!char_take(&text, '-'))
		return -1;
	month = digits_take(&text, 2, 2);
	if (!char_take(&text, '-'))
		return -1;
	day = digits_take(&text, 2, 2);
	return day_and_rest(year, month, day, text, unix_r);
}

static int64_t
month_of(struct slice name)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int64_t i = 0; name.n == 3 && i < 12; i++) {
		if (slice_eq_nocase(name, slice_make(names + 3 * i, 3)))
			return i + 1;
	}
	return 0;
}

/* "Mon, 02 Nov 2026 14:30:00 +0100" */
static int
mail_parse(struct slice text, int64_t *unix_r)
{
	size_t comma = slice_find(text, ',');
	int64_t day, month, year;

	if (comma < text.n)
		text = slice_from(text, comma + 1);
	blanks_take(&text);
	day = digits_take(&text, 1, 2);
	blanks_take(&text);
	month = month_of(slice_head(text, slice_find(text, ' ')));
	text = slice_from(text, 3);
	blanks_take(&text);
	year = digits_take(&text, 4, 4);
	return day_and_rest(year, month, day, text, unix_r);
}

int
suppress_time_parse(struct slice text, int64_t *unix_r)
{
	struct slice rest = text = slice_trim(text);
	int64_t number = digits_take(&rest, 1, 13);

	*unix_r = 0;
	if (text.n == 0)
		return 0;
	if (number >= 0 && rest.n == 0) {
		*unix_r = text.n == 13 ? number / 1000 : number;
		return *unix_r <= TIME_MAX_S ? 0 : -1;
	}
	return iso_parse(text, unix_r) == 0 ? 0 : mail_parse(text, unix_r);
}
