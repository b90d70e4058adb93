/*
 * keyring_time.c - see keyring_time.h.
 */
#include "policy/keyring_time.h"

#define DAY_S 86400

/* Days of 400 years, and from 1 March of the year 0 to 1 January 1970: the arithmetic counts years
 * from March, so that the day that leap years have is the last. */
#define ERA_DAYS   146097
#define EPOCH_DAYS 719468

struct civil {
	int64_t year, month, day;
};

static int64_t
days_from_civil(struct civil c)
{
	int64_t year = c.month <= 2 ? c.year - 1 : c.year;
	int64_t of_era = year % 400;
	int64_t of_year = (153 * (c.month > 2 ? c.month - 3 : c.month + 9) + 2) / 5 + c.day - 1;

	return year / 400 * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       EPOCH_DAYS;
}

static struct civil
civil_from_days(int64_t days)
{
	int64_t z = days + EPOCH_DAYS;
	int64_t of_era = z % ERA_DAYS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct civil c = {.day = of_year - (153 * month + 2) / 5 + 1};

	c.month = month < 10 ? month + 3 : month - 9;
	c.year = year + z / ERA_DAYS * 400 + (c.month <= 2 ? 1 : 0);
	return c;
}

/* n digits at p; -1 when they are not. */
static int64_t
digits(const char *p, size_t n)
{
	int64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (!ascii_is_digit(p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

void
keyring_time_format(struct buf *out, int64_t unix_s)
{
	struct civil c = civil_from_days(unix_s / DAY_S);
	int64_t s = unix_s % DAY_S;

	buf_add_format(out, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", (long long)c.year,
	    (long long)c.month, (long long)c.day, (long long)(s / 3600), (long long)(s / 60 % 60),
	    (long long)(s % 60));
}

int
keyring_time_parse(struct slice text, int64_t *unix_s_r)
{
	char storage[32];
	struct buf again = BUF_OVER(storage);
	struct civil c;
	int64_t s;

	if (text.n != sizeof("2026-11-21T07:33:18Z") - 1)
		return -1;
	c = (struct civil){digits(text.p, 4), digits(text.p + 5, 2), digits(text.p + 8, 2)};
	s = digits(text.p + 11, 2) * 3600 + digits(text.p + 14, 2) * 60 + digits(text.p + 17, 2);
	if (c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1 || s < 0)
		return -1;
	/* What has the wrong signs between, the 31st of June, or hour 25 comes back as another. */
	*unix_s_r = days_from_civil(c) * DAY_S + s;
	keyring_time_format(&again, *unix_s_r);
	return slice_eq(buf_slice(&again), text) ? 0 : -1;
}
