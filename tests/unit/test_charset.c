/*
 * test_charset.c - lib/mail/charset.
 */
#include "mail/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_find(void **state)
{
	static const struct {
		const char *name;
		enum charset want;
	} rows[] = {
	    {"", CHARSET_BYTES},
	    {"US-ASCII", CHARSET_BYTES},
	    {"utf-8", CHARSET_UTF8},
	    {" UTF8 ", CHARSET_UTF8},
	    {"ISO-8859-15", CHARSET_BYTES},
	    {"windows-1252", CHARSET_BYTES},
	    {"KOI8-R", CHARSET_BYTES},
	    {"GB2312", CHARSET_DOUBLE},
	    {"big5-hkscs", CHARSET_DOUBLE},
	    {"Shift_JIS", CHARSET_SJIS},
	    {"iso-2022-jp", CHARSET_ISO2022},
	    {"utf-16", CHARSET_UTF16},
	    {"utf-16le", CHARSET_UTF16LE},
	    {"utf-32be", CHARSET_UTF32BE},
	    {"utf-7", CHARSET_UNKNOWN},
	    {"hz-gb-2312", CHARSET_UNKNOWN},
	    {"ebcdic-us", CHARSET_UNKNOWN},
	    {"utf-8x", CHARSET_UNKNOWN},
	    {"x-unknown", CHARSET_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(charset_find(slice_of(rows[i].name)), rows[i].want);
}

/* want p NULL: it is not clear */
static const struct {
	const char *name;
	enum charset charset;
	struct slice text, want;
	size_t bom;
	bool ends;
} rows[] = {
    {"ASCII", CHARSET_BYTES, SLICE_LIT("a<"), SLICE_LIT("a<"), 0, true},
    {"latin", CHARSET_BYTES, SLICE_LIT("\xfc<"), SLICE_LIT("\xfc<"), 0, true},
    {"UTF-8 and its BOM", CHARSET_UTF8, SLICE_LIT("\xef\xbb\xbf<"), SLICE_LIT("\xef\xbb\xbf<"), 3,
	true},
    {"a NUL", CHARSET_UTF8, SLICE_LIT("<\0"), {NULL, 0}, 0, true},
    {"an escape", CHARSET_BYTES, SLICE_LIT("\x1b$B"), {NULL, 0}, 0, true},
    {"pairs", CHARSET_DOUBLE, SLICE_LIT("\x81\x5c<\xb0\xa1>"), SLICE_LIT("\x81\x5c<\xb0\xa1>"), 0,
	true},
    {"four bytes", CHARSET_DOUBLE, SLICE_LIT("\x81\x30\x81\x30<"), SLICE_LIT("\x81\x30\x81\x30<"),
	0, true},
    {"half a pair", CHARSET_DOUBLE, SLICE_LIT("\x81<"), {NULL, 0}, 0, true},
    {"half a pair at the end", CHARSET_DOUBLE, SLICE_LIT("\x81"), {NULL, 0}, 0, true},
    {"katakana", CHARSET_SJIS, SLICE_LIT("\xb1<\x83\x5c"), SLICE_LIT("\xb1<\x83\x5c"), 0, true},
    {"half a pair of Shift_JIS", CHARSET_SJIS, SLICE_LIT("\x83<"), {NULL, 0}, 0, true},
    {"escapes", CHARSET_ISO2022, SLICE_LIT("a\x1b$B<b\x1b(B<"),
	SLICE_LIT("a\x80\x80\x80\x80\x80\x80\x80\x80<"), 0, true},
    {"left open", CHARSET_ISO2022, SLICE_LIT("\x1b$B<b"), SLICE_LIT("\x80\x80\x80\x80\x80"), 0,
	false},
    {"roman", CHARSET_ISO2022, SLICE_LIT("\x1b(J<\\~"), SLICE_LIT("\x80\x80\x80<\x80\x80"), 0,
	true},
    {"shifts", CHARSET_ISO2022, SLICE_LIT("\x1b$)C<\x0e<<\x0f<"),
	SLICE_LIT("\x80\x80\x80\x80<\x80\x80\x80\x80<"), 0, true},
    {"a line end in between", CHARSET_ISO2022, SLICE_LIT("\x1b$B\r\n"), {NULL, 0}, 0, true},
    {"an escape nobody knows", CHARSET_ISO2022, SLICE_LIT("\x1b[0m"), {NULL, 0}, 0, true},
    {"UTF-16", CHARSET_UTF16, SLICE_LIT("\xff\xfe<\0<\1"), SLICE_LIT("\x80<\x80"), 1, true},
    {"UTF-16, the other way", CHARSET_UTF16, SLICE_LIT("\xfe\xff\0<"), SLICE_LIT("\x80<"), 1, true},
    {"UTF-16 without BOM", CHARSET_UTF16, SLICE_LIT("<\0"), {NULL, 0}, 0, true},
    {"UTF-16LE", CHARSET_UTF16LE, SLICE_LIT("<\0"), SLICE_LIT("<"), 0, true},
    {"half a unit", CHARSET_UTF16LE, SLICE_LIT("<\0<"), {NULL, 0}, 0, true},
    {"UTF-32BE", CHARSET_UTF32BE, SLICE_LIT("\0\0\0<\0\1\0<"), SLICE_LIT("<\x80"), 0, true},
    {"unknown", CHARSET_UNKNOWN, SLICE_LIT("a"), {NULL, 0}, 0, true},
};

static void
test_view(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct charset_view view;
		enum charset_result result = charset_view(&a, rows[i].charset, rows[i].text, &view);

		print_message("  %s\n", rows[i].name);
		assert_int_equal(result, rows[i].want.p == NULL ? CHARSET_UNCLEAR : CHARSET_CLEAR);
		if (result != CHARSET_CLEAR)
			continue;
		assert_true(slice_eq(view.text, rows[i].want));
		assert_int_equal(view.bom, rows[i].bom);
		assert_int_equal(view.ends_in_ascii, rows[i].ends);
	}
	arena_fini(&a);
}

static void
test_widen(void **state)
{
	static const struct slice little = SLICE_LIT("a\0b\0"), big = SLICE_LIT("\0\0\0a\0\0\0b");
	struct charset_view view = {.unit = 2};
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	assert_true(slice_eq(charset_widen(&a, &view, slice_of("ab")), little));
	view = (struct charset_view){.unit = 4, .big_endian = true};
	assert_true(slice_eq(charset_widen(&a, &view, slice_of("ab")), big));
	view.unit = 1;
	assert_true(slice_eq(charset_widen(&a, &view, slice_of("ab")), slice_of("ab")));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_view),
	    cmocka_unit_test(test_widen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
