/*
 * test_store_counters.c - lib/io/store_counters.
 */
#include "io/store_counters.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HOUR INT64_C(1800000000)

static void
test_take(void **state)
{
	struct store_counters counters;
	struct counter_delta out[8];
	int64_t counts[STAT_COUNT];

	(void)state;
	store_counters_init(&counters);
	assert_int_equal(store_counters_take(&counters, out, 8), 0);
	store_counters_add(&counters, STAT_GREY_NEW, HOUR, 1);
	store_counters_add(&counters, STAT_GREY_NEW, HOUR + 3599, 2);
	store_counters_add(&counters, STAT_GREY_EARLY, HOUR, 4);
	store_counters_add(&counters, STAT_GREY_NEW, HOUR + 3600, 8);
	store_counters_read(&counters, HOUR + 100, counts);
	assert_int_equal(counts[STAT_GREY_NEW], 3);
	assert_int_equal(store_counters_take(&counters, out, 2), 2);
	assert_int_equal(store_counters_take(&counters, out + 2, 6), 1);
	assert_int_equal(store_counters_take(&counters, out + 3, 5), 0);
	for (int i = 0, sum = 0; i < 3; i++) {
		assert_true(out[i].unix_s == HOUR || out[i].unix_s == HOUR + 3600);
		sum += (int)out[i].n;
		assert_true(i < 2 || sum == 15);
	}
	store_counters_read(&counters, HOUR, counts);
	assert_int_equal(counts[STAT_GREY_NEW], 0);
	store_counters_add(&counters, STAT_GREY_NEW, HOUR, 16);
	assert_int_equal(store_counters_take(&counters, out, 8), 1);
	assert_int_equal(out[0].n, 16);
	store_counters_fini(&counters);
}

/* Hours that fall on the same place, and more of them than there are places. */
static void
test_many_hours(void **state)
{
	struct store_counters counters;
	int64_t counts[STAT_COUNT];

	(void)state;
	store_counters_init(&counters);
	for (int i = 0; i < COUNTERS_HOURS; i++)
		store_counters_add(
		    &counters, STAT_GREY_NEW, HOUR + i * INT64_C(3600) * COUNTERS_HOURS, i + 1);
	for (int i = 0; i < COUNTERS_HOURS; i++) {
		store_counters_read(&counters, HOUR + i * INT64_C(3600) * COUNTERS_HOURS, counts);
		assert_int_equal(counts[STAT_GREY_NEW], i + 1);
	}
	assert_int_equal(store_counters_lost(&counters), 0);
	store_counters_add(&counters, STAT_GREY_NEW, HOUR + 1000 * INT64_C(86400), 7);
	assert_int_equal(store_counters_lost(&counters), 1); /* the oldest had that */
	assert_int_equal(store_counters_lost(&counters), 0);
	store_counters_read(&counters, HOUR, counts);
	assert_int_equal(counts[STAT_GREY_NEW], 0);
	store_counters_read(&counters, HOUR + 1000 * INT64_C(86400), counts);
	assert_int_equal(counts[STAT_GREY_NEW], 7);
	store_counters_fini(&counters);
}

static void
test_odd_times(void **state)
{
	static const int64_t times[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
	struct store_counters counters;
	struct counter_delta out[8];

	(void)state;
	store_counters_init(&counters);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		store_counters_add(&counters, STAT_GREY_NEW, times[i], 1);
	assert_int_equal(store_counters_take(&counters, out, 8), 2);
	assert_int_equal(out[0].n + out[1].n, 5);
	store_counters_fini(&counters);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_many_hours),
	    cmocka_unit_test(test_odd_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
