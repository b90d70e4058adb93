/*
 * test_stat.c - lib/policy/stat.
 */
#include "policy/stat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_names(void **state)
{
	static const struct {
		unsigned stat;
		const char *want;
	} rows[] = {
	    {STAT_GREY_ASKED, "grey_asked"},
	    {STAT_GREY_NEW, "grey_new"},
	    {STAT_GREY_EARLY, "grey_early"},
	    {STAT_GREY_PASSED, "grey_passed"},
	    {STAT_GREY_REPEAT, "grey_repeat"},
	    {STAT_GREY_KNOWN, "grey_known"},
	    {STAT_GREY_MET, "grey_met"},
	    {STAT_GREY_LEARNED, "grey_learned"},
	    {STAT_GREY_EXEMPT, "grey_exempt"},
	    {STAT_GREY_WOULD_DEFER, "grey_would_defer"},
	    {STAT_GREY_ERROR, "grey_error"},
	    {STAT_GREY_RETURNED, "grey_returned"},
	    {STAT_EVENTS_DROPPED, "events_dropped"},
	    {STAT_GREY_DELAY, "grey_delay_1"},
	    {STAT_COUNT - 1, "grey_delay_more"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(stat_name(rows[i].stat), rows[i].want);
	for (unsigned stat = 0; stat < STAT_COUNT; stat++)
		assert_int_equal(stat_find(slice_of(stat_name(stat))), stat);
	assert_int_equal(stat_find(slice_of("grey_delay_4")), STAT_COUNT);
	assert_int_equal(stat_find(slice_of("grey_ne")), STAT_COUNT);
	assert_int_equal(stat_find(slice_of("GREY_NEW")), STAT_COUNT);
	assert_int_equal(stat_find(slice_make("grey_new\0", 9)), STAT_COUNT);
	assert_int_equal(stat_find(slice_of("")), STAT_COUNT);
}

/* The name of each step says its bound, and the bounds rise. */
static void
test_ladder(void **state)
{
	int64_t before = 0;

	(void)state;
	for (unsigned i = 0; i < STAT_LADDER_STEPS - 1; i++) {
		const char *name = stat_name(STAT_GREY_DELAY + i);

		assert_true(stat_ladder_s[i] > before);
		before = stat_ladder_s[i];
		assert_memory_equal(name, "grey_delay_", 11);
		assert_int_equal(strtoll(name + 11, NULL, 10), stat_ladder_s[i]);
		assert_int_equal(stat_delay(before), STAT_GREY_DELAY + i);
		assert_int_equal(stat_delay(before + 1), STAT_GREY_DELAY + i + 1);
	}
	assert_int_equal(before, 43200);
	assert_true(stat_ladder_s[STAT_LADDER_STEPS - 1] == INT64_MAX);
	assert_int_equal(stat_delay(INT64_MAX), STAT_COUNT - 1);
	assert_int_equal(stat_delay(0), STAT_GREY_DELAY);
	assert_int_equal(stat_delay(-1), STAT_GREY_DELAY);
	assert_int_equal(stat_delay(INT64_MIN), STAT_GREY_DELAY);
	assert_string_equal(stat_name(stat_delay(312)), "grey_delay_360");
}

static void
test_median(void **state)
{
	static const struct {
		const char *name;
		struct {
			int64_t delay_s, n;
		} in[3];
		int64_t want;
	} rows[] = {
	    {"nothing", {{1, 0}}, -1},
	    {"one: the end of its step", {{241, 1}}, 300},
	    {"many alike: the same", {{300, 1000000}}, 300},
	    {"at once", {{0, 2}}, 1},
	    {"two steps: the lower", {{300, 5}, {600, 5}}, 300},
	    {"the middle one of three steps", {{240, 1}, {300, 2}, {86400, 1}}, 300},
	    {"a gap between", {{10, 4}, {3600, 4}}, 10},
	    {"mostly long", {{10, 1}, {3600, 4}}, 3600},
	    {"beyond the ladder: its end", {{86400, 3}}, 43200},
	    {"below zero is nothing", {{300, -5}}, -1},
	    {"below zero beside others", {{10, -5}, {300, 1}}, 300},
	    {"no overflow", {{10, INT64_MAX}, {300, INT64_MAX}, {86400, INT64_MAX}}, 300},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t counts[STAT_COUNT] = {[STAT_GREY_NEW] = 1000};
		int64_t got;

		for (size_t k = 0; k < COUNT(rows[i].in); k++) {
			if (rows[i].in[k].n != 0)
				counts[stat_delay(rows[i].in[k].delay_s)] = rows[i].in[k].n;
		}
		got = stat_median_s(counts);
		if (got != rows[i].want)
			fail_msg("%s: %lld, want %lld", rows[i].name, (long long)got,
			    (long long)rows[i].want);
	}
}

static void
test_hour(void **state)
{
	static const struct {
		int64_t in;
		const char *want;
	} rows[] = {
	    {0, "1970010100"},
	    {3599, "1970010100"},
	    {3600, "1970010101"},
	    {951782399, "2000022823"},
	    {951782400, "2000022900"},
	    {951868800, "2000030100"},
	    {1795230000, "2026112103"},
	    {2147483648, "2038011903"},
	    {4107542400, "2100030100"},
	    {253402300799, "9999123123"},
	    {253402300800, "9999123123"},
	    {INT64_MAX, "9999123123"},
	    {-1, "1970010100"},
	    {INT64_MIN, "1970010100"},
	};

	(void)state;
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0); /* UTC, whatever the zone */
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[STAT_HOUR_BYTES];

		stat_hour(got, rows[i].in);
		assert_string_equal(got, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_ladder),
	    cmocka_unit_test(test_median),
	    cmocka_unit_test(test_hour),
	};

	return cmocka_run_group_tests_name("stat", tests, NULL, NULL);
}
