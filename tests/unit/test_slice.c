/*
 * test_slice.c - lib/base/slice.
 */
#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct slice none = {NULL, 0};

static void
test_parts(void **state)
{
	struct slice s = slice_of("greylist");

	(void)state;
	assert_int_equal(slice_of(NULL).n, 0);
	assert_int_equal(slice_of("").n, 0);
	assert_true(slice_eq(slice_from(s, 4), slice_of("list")));
	assert_true(slice_eq(slice_from(s, 0), s));
	assert_int_equal(slice_from(s, 8).n, 0);
	assert_int_equal(slice_from(s, SIZE_MAX).n, 0);
	assert_true(slice_eq(slice_head(s, 4), slice_of("grey")));
	assert_true(slice_eq(slice_head(s, SIZE_MAX), s));
	assert_int_equal(slice_from(none, 1).n, 0);
	assert_int_equal(slice_head(none, 1).n, 0);
}

static void
test_compare(void **state)
{
	static const struct {
		const char *name;
		struct slice a, b;
		int order;
		bool eq, eq_nocase, starts, starts_nocase, ends;
	} rows[] = {
	    {"same", SLICE_LIT("abc"), SLICE_LIT("abc"), 0, true, true, true, true, true},
	    {"case", SLICE_LIT("aBc"), SLICE_LIT("AbC"), 1, false, true, false, true, false},
	    {"prefix", SLICE_LIT("abc"), SLICE_LIT("ab"), 1, false, false, true, true, false},
	    {"longer", SLICE_LIT("ab"), SLICE_LIT("abc"), -1, false, false, false, false, false},
	    {"suffix", SLICE_LIT("abc"), SLICE_LIT("bc"), -1, false, false, false, false, true},
	    {"empty", SLICE_LIT("abc"), SLICE_LIT(""), 1, false, false, true, true, true},
	    {"both empty", SLICE_LIT(""), {NULL, 0}, 0, true, true, true, true, true},
	    {"after NUL", SLICE_LIT("a\0b"), SLICE_LIT("a\0c"), -1, false, false, false, false,
		false},
	    {"bytes are unsigned", SLICE_LIT("\xc3"), SLICE_LIT("a"), 1, false, false, false, false,
		false},
	    {"8-bit has no case", SLICE_LIT("\xc3\xa4"), SLICE_LIT("\xc3\x84"), 1, false, false,
		false, false, false},
	    {"@ is not `", SLICE_LIT("@"), SLICE_LIT("`"), -1, false, false, false, false, false},
	    {"[ is not {", SLICE_LIT("["), SLICE_LIT("{"), -1, false, false, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int order = slice_compare(rows[i].a, rows[i].b);

		if ((order > 0) - (order < 0) != rows[i].order ||
		    slice_eq(rows[i].a, rows[i].b) != rows[i].eq ||
		    slice_eq_nocase(rows[i].a, rows[i].b) != rows[i].eq_nocase ||
		    slice_starts(rows[i].a, rows[i].b) != rows[i].starts ||
		    slice_starts_nocase(rows[i].a, rows[i].b) != rows[i].starts_nocase ||
		    slice_ends(rows[i].a, rows[i].b) != rows[i].ends)
			fail_msg("%s", rows[i].name);
	}
}

static void
test_find(void **state)
{
	struct slice s = SLICE_LIT("a@b\0@c");

	(void)state;
	assert_int_equal(slice_find(s, '@'), 1);
	assert_int_equal(slice_find_last(s, '@'), 4);
	assert_int_equal(slice_find(s, '\0'), 3);
	assert_int_equal(slice_find(s, 'a'), 0);
	assert_int_equal(slice_find_last(s, 'a'), 0);
	assert_int_equal(slice_find_last(s, 'c'), 5);
	assert_int_equal(slice_find(s, 'x'), s.n);
	assert_int_equal(slice_find_last(s, 'x'), s.n);
	assert_int_equal(slice_find(none, 'x'), 0);
	assert_int_equal(slice_find_last(none, 'x'), 0);
}

static void
test_trim(void **state)
{
	static const struct {
		struct slice in, want;
	} rows[] = {
	    {SLICE_LIT("a"), SLICE_LIT("a")},
	    {SLICE_LIT(" \t\r\na b\n\r\t "), SLICE_LIT("a b")},
	    {SLICE_LIT(" \t"), SLICE_LIT("")},
	    {SLICE_LIT(""), SLICE_LIT("")},
	    {{NULL, 0}, {NULL, 0}},
	    {SLICE_LIT("\va\f"), SLICE_LIT("\va\f")},
	    {SLICE_LIT(" \0 "), SLICE_LIT("\0")},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!slice_eq(slice_trim(rows[i].in), rows[i].want))
			fail_msg("row %zu", i);
	}
}

static void
test_ascii(void **state)
{
	(void)state;
	for (int c = -128; c < 128; c++) {
		char lower = ascii_lower((char)c);

		assert_int_equal(lower, c >= 'A' && c <= 'Z' ? c + 32 : c);
		assert_int_equal(ascii_is_digit((char)c), c >= '0' && c <= '9');
		assert_int_equal(
		    ascii_is_space((char)c), c == ' ' || c == '\t' || c == '\r' || c == '\n');
		assert_int_equal(ascii_is_hex((char)c),
		    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
		assert_int_equal(utf8_is_letter((char)c),
		    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c < 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_compare),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_trim),
	    cmocka_unit_test(test_ascii),
	};

	return cmocka_run_group_tests_name("slice", tests, NULL, NULL);
}
