/*
 * test_date.c - lib/mail/date.
 */
#include "mail/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define DAY ((int64_t)86400)

static void
test_table(void **state)
{
	/* the wants are date(1)'s, by date -u -R -d @N but for the zero before a day */
	static const struct {
		int64_t in;
		const char *want;
	} rows[] = {
	    {0, "Thu, 1 Jan 1970 00:00:00 +0000"}, {-1, "Wed, 31 Dec 1969 23:59:59 +0000"},
	    {951782400, "Tue, 29 Feb 2000 00:00:00 +0000"},
	    {1709251199, "Thu, 29 Feb 2024 23:59:59 +0000"},
	    {1709251200, "Fri, 1 Mar 2024 00:00:00 +0000"},
	    {1795230855, "Sat, 21 Nov 2026 03:14:15 +0000"},
	    {2147483648, "Tue, 19 Jan 2038 03:14:08 +0000"},
	    {4107542400, "Mon, 1 Mar 2100 00:00:00 +0000"}, /* no leap year */
	    {253402300799, "Fri, 31 Dec 9999 23:59:59 +0000"},
	    {INT64_MAX, ""}, /* a year that there is no int for */
	};

	(void)state;
	/* neither zone nor locale may show */
	assert_int_equal(setenv("TZ", "XYZ-5", 1), 0);
	tzset();
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[64];
		struct buf out = BUF_OVER(storage);

		date_format(&out, rows[i].in);
		assert_string_equal(buf_text(&out), rows[i].want);
		assert_false(out.over);
	}
}

/* Every name of a day and of a month, at its place. */
static void
test_names(void **state)
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char storage[64];
	struct buf out = BUF_OVER(storage);

	(void)state;
	for (int64_t i = 0; i < 12; i++) {
		const char *space;

		buf_reset(&out);
		date_format(&out, i * 30 * DAY + 15 * DAY); /* always the middle of a month */
		assert_memory_equal(storage, days + (i * 30 + 15) % 7 * 3, 3);
		space = strchr(strchr(buf_text(&out), ' ') + 1, ' ');
		assert_memory_equal(space + 1, months + i * 3, 3);
	}
}

static void
test_appends(void **state)
{
	char storage[40];
	struct buf out = BUF_OVER(storage);

	(void)state;
	buf_add_text(&out, "; ");
	date_format(&out, 0);
	assert_string_equal(buf_text(&out), "; Thu, 1 Jan 1970 00:00:00 +0000");
	date_format(&out, 0);
	assert_true(out.over);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_appends),
	};

	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
