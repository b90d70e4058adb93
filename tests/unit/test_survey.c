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
	struct {
		size_t beyond_ascii, longest_line;
		bool stray, labelled;
	} want;
} rows[] = {
    {"nothing", {NULL, 0}, {0, 0, false, false}},
    {"lines", SLICE_LIT("a\r\nbcd\r\n\r\n"), {0, 3, false, false}},
    {"no line end at the end", SLICE_LIT("a\r\nbcd"), {0, 3, false, false}},
    {"beyond ASCII", SLICE_LIT("\x80\xff x\x7f 12345678\xc3\xbc"), {4, 16, false, false}},
    {"LF alone", SLICE_LIT("a\nb\r\n"), {0, 1, true, false}},
    {"LF alone, first", SLICE_LIT("\nb\r\n"), {0, 1, true, false}},
    {"CR alone", SLICE_LIT("a\rb\r\n"), {0, 3, true, false}},
    {"CR alone, last", SLICE_LIT("ab\r"), {0, 3, true, false}},
    {"two CR", SLICE_LIT("ab\r\r\n"), {0, 3, true, false}},
    {"NUL", SLICE_LIT("a\0b\r\n"), {0, 3, true, false}},
    {"a label", SLICE_LIT("Content-Transfer-Encoding: 7bit\r\n"), {0, 31, false, false}},
    {"a label of 8 bits", SLICE_LIT("x\r\ncontent-transfer-encoding:8BIT\r\n\r\n"),
	{0, 30, false, true}},
    {"a label, folded", SLICE_LIT("Content-Transfer-Encoding:\r\n 8bit\r\n"), {0, 26, false, true}},
    {"a label without an end", SLICE_LIT("Content-Transfer-Encoding: binary"),
	{0, 33, false, true}},
    {"no label", SLICE_LIT(" Content-Transfer-Encoding: 8bit\r\nc\r\n"), {0, 32, false, false}},
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
		assert_int_equal(got.labelled, rows[i].want.labelled);
		assert_int_equal(slice_is_clean(rows[i].text, 64), plain);
		assert_int_equal(slice_is_clean(rows[i].text, got.longest_line), plain);
		if (got.longest_line > 0)
			assert_false(slice_is_clean(rows[i].text, got.longest_line - 1));
	}
}

/* In pieces of any size it is the same. */
static void
test_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t n = 1; n < 9; n++) {
			struct survey got = {.column = 0};

			for (size_t at = 0; at < rows[i].text.n; at += n)
				survey_add(&got, slice_head(slice_from(rows[i].text, at), n));
			survey_end(&got);
			assert_int_equal(got.beyond_ascii, rows[i].want.beyond_ascii);
			assert_int_equal(got.longest_line, rows[i].want.longest_line);
			assert_int_equal(got.stray, rows[i].want.stray);
			assert_int_equal(got.labelled, rows[i].want.labelled);
		}
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
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_count),
	};

	return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
