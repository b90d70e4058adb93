/*
 * test_lane.c - lib/policy/lane.
 */
#include "policy/lane.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_choose(void **state)
{
	static const struct {
		const char *lane, *overflow;
		enum limit_outcome warm;
		const char *want;
		bool is_overflow, wait;
	} rows[] = {
	    {"", "", LIMIT_PASS, "", false, false},
	    {"new", "", LIMIT_PASS, "new", false, false},
	    {"new", "old", LIMIT_PASS, "new", false, false},
	    {"new", "old", LIMIT_WARMUP, "old", true, false},
	    {"new", "", LIMIT_WARMUP, "new", false, true},
	    {"", "", LIMIT_WARMUP, "", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct account account = {.lane = rows[i].lane, .overflow = rows[i].overflow};
		struct limit_step warm = {.outcome = rows[i].warm};
		struct lane got = lane_choose(&account, &warm);

		assert_string_equal(got.name, rows[i].want);
		assert_true(got.overflow == rows[i].is_overflow && got.wait == rows[i].wait);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(test_choose)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
