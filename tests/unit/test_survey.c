/*
 * test_survey.c - lib/mail/survey.
 */
#include "mail/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *name;
	struct slice text;
	struct survey want;
} rows[] = {
    {"nothing", {NULL, 0}, {0, 0, false}},
    {"lines", SLICE_LIT("a\r\nbcd\r\n\r\n"), {0, 3, false}},
    {"no line end at the end", SLICE_LIT("a\r\nbcd"), {0, 3, false}},
    {"beyond ASCII", SLICE_LIT("\x80\xff x\x7f 12345678\xc3\xbc"), {4, 16, false}},
    {"LF alone", SLICE_LIT("a\nb\r\n"), {0, 1, true}},
    {"LF alone, first", SLICE_LIT("\nb\r\n"), {0, 1, true}},
    {"CR alone", SLICE_LIT("a\rb\r\n"), {0, 3, true}},
    {"CR alone, last", SLICE_LIT("ab\r"), {0, 3, true}},
    {"two CR", SLICE_LIT("ab\r\r\n"), {0, 3, true}},
    {"NUL", SLICE_LIT("a\0b\r\n"), {0, 3, true}},
};

static void
test_survey(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct survey got = survey_of(rows[i].text);
		bool plain = got.beyond_ascii == 0 && !got.stray;

		print_message("  %s\n", rows[i].name);
		assert_int_equal(got.beyond_ascii, rows[i].want.beyond_ascii);
		assert_int_equal(got.longest_line, rows[i].want.longest_line);
		assert_int_equal(got.stray, rows[i].want.stray);
		assert_int_equal(slice_is_clean(rows[i].text, 16), plain);
		assert_int_equal(slice_is_clean(rows[i].text, got.longest_line), plain);
		if (got.longest_line > 0)
			assert_false(slice_is_clean(rows[i].text, got.longest_line - 1));
	}
}

static void
test_count(void **state)
{
	char text[300];

	(void)state;
	memset(text, '\xff', sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++)
		assert_int_equal(survey_of(slice_make(text, i)).beyond_ascii, i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_survey),
	    cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
