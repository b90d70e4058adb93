/*
 * test_verdict_code.c - lib/policy/verdict_code.
 */
#include "policy/verdict_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define NOW_MS INT64_C(1790000000123) /* in September 2026 */
#define ROUND  (INT64_C(1) << 41)

static void
test_make(void **state)
{
	static const struct {
		int64_t unix_ms;
		unsigned salt;
		const char *want;
	} rows[] = {
	    {0, 0, "0000000000"},
	    {0, 1, "0000000001"},
	    {0, 511, "00000000FZ"},
	    {1, 0, "00000000G0"},
	    {1, 512, "00000000G0"},
	    {ROUND - 1, 511, "ZZZZZZZZZZ"},
	    {ROUND, 0, "0000000000"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char code[VERDICT_CODE_BYTES];

		verdict_code_make(code, rows[i].unix_ms, rows[i].salt);
		assert_string_equal(code, rows[i].want);
	}
}

static void
test_back(void **state)
{
	static const struct {
		int64_t unix_ms, near_ms;
	} rows[] = {
	    {NOW_MS, NOW_MS},
	    {NOW_MS, NOW_MS + 1},
	    {NOW_MS, NOW_MS - 1},
	    {NOW_MS, NOW_MS + INT64_C(86400000) * 90},
	    {NOW_MS, NOW_MS - INT64_C(86400000) * 90},
	    {NOW_MS, NOW_MS + ROUND / 2 - 1},
	    {NOW_MS, NOW_MS - ROUND / 2 + 1},
	    {ROUND - 1, ROUND + 1}, /* around the turn */
	    {ROUND, ROUND - 1},
	    {ROUND * 3 + 5, ROUND * 3 - 5},
	    {0, 0},
	};
	char code[VERDICT_CODE_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t got = -1;

		verdict_code_make(code, rows[i].unix_ms, (unsigned)i * 77);
		assert_int_equal(verdict_code_parse(slice_of(code), rows[i].near_ms, &got), 0);
		if (got != rows[i].unix_ms)
			fail_msg("row %zu: %lld", i, (long long)got);
	}
}

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int want;
		int64_t unix_ms;
	} rows[] = {
	    {"00000000G0", 0, 1},
	    {"00000000g0", 0, 1},
	    {"ooooOOOOgo", 0, 1},
	    {"0000000I00", 0, 2},
	    {"0000000l00", 0, 2},
	    {"0000000100", 0, 2},
	    {"00000000zz", 0, 1},
	    {"00000000ZZ", 0, 1},
	    {"", -1, 0},
	    {"000000000", -1, 0},
	    {"00000000000", -1, 0},
	    {"000000000U", -1, 0},
	    {"00000-0000", -1, 0},
	    {" 000000000", -1, 0},
	    {"00000\xff"
	     "0000",
		-1, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t got = 0;

		if (verdict_code_parse(slice_of(rows[i].text), 0, &got) != rows[i].want ||
		    got != rows[i].unix_ms)
			fail_msg("\"%s\": %lld", rows[i].text, (long long)got);
	}
	assert_int_equal(verdict_code_parse(slice_make("000000000", 10), 0, &(int64_t){0}), -1);
}

/* No two of one millisecond are the same, and codes sort as their times do. */
static void
test_order(void **state)
{
	char before[VERDICT_CODE_BYTES];
	char code[VERDICT_CODE_BYTES];

	(void)state;
	verdict_code_make(before, NOW_MS - 1, 511);
	for (unsigned salt = 0; salt < 512; salt++) {
		verdict_code_make(code, NOW_MS, salt);
		assert_true(strcmp(before, code) < 0);
		memcpy(before, code, sizeof(code));
	}
	verdict_code_make(code, NOW_MS + 1, 0);
	assert_true(strcmp(before, code) < 0);
}

/* No clock is that wrong, but nothing may break. */
static void
test_extremes(void **state)
{
	int64_t got;

	(void)state;
	assert_int_equal(verdict_code_parse(slice_of("ZZZZZZZZZZ"), INT64_MAX, &got), 0);
	assert_int_equal(verdict_code_parse(slice_of("0000000000"), INT64_MIN, &got), 0);
	assert_int_equal(got, INT64_MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_make),
	    cmocka_unit_test(test_back),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests_name("verdict_code", tests, NULL, NULL);
}
