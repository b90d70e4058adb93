/*
 * test_sign_value.c - lib/auth/sign_value.
 */
#include "auth/sign_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define LONG40 "0123456789012345678901234567890123456789"

static void
short_one(void **state)
{
	char storage[256];
	struct buf out = BUF_OVER(storage);
	struct sign_value v = sign_value_begin(&out, slice_of("DKIM-Signature"));

	(void)state;
	sign_value_tag(&v, "v", slice_of("1"));
	sign_value_tag(&v, "d", slice_of("a.example"));
	sign_value_list(&v, "h");
	sign_value_item(&v, slice_of("From"));
	sign_value_item(&v, slice_of("To"));
	sign_value_line(&v);
	sign_value_open(&v, "b");
	assert_string_equal(buf_text(&out), "v=1; d=a.example; h=From:To;\n\tb=");
	sign_value_fill(&v, slice_of("QUJD"));
	assert_string_equal(buf_text(&out), "v=1; d=a.example; h=From:To;\n\tb=QUJD");
}

/* No line is longer than 78 columns, unless a word is; nothing gets lost. */
static void
folded(void **state)
{
	char storage[4096], flat_storage[4096];
	struct buf out = BUF_OVER(storage), flat = BUF_OVER(flat_storage);
	struct sign_value v = sign_value_begin(&out, slice_of("DKIM-Signature"));
	size_t column = 16;

	(void)state;
	sign_value_tag(&v, "d", slice_of(LONG40 ".example"));
	sign_value_tag(&v, "s", slice_of(LONG40 LONG40));
	sign_value_list(&v, "h");
	for (int i = 0; i < 30; i++)
		sign_value_item(&v, slice_of("Content-Type"));
	sign_value_item(&v, slice_of(LONG40 LONG40));
	sign_value_open(&v, "b");
	for (int i = 0; i < 10; i++)
		sign_value_fill(&v, slice_of(LONG40));
	for (size_t i = 0; i < out.n; i++) {
		column = out.p[i] == '\n' ? 0 : column + 1;
		if (out.p[i] == '\n')
			assert_int_equal(out.p[i + 1], '\t');
		else if (out.p[i] != '\t' && out.p[i] != ' ')
			buf_add_char(&flat, out.p[i]);
		assert_true(column <= 86); /* "s=" or a tab, and the word, and ";" */
	}
	assert_true(slice_starts(buf_slice(&flat),
	    slice_of("d=" LONG40 ".example;s=" LONG40 LONG40 ";h=Content-Type:Content-Type:")));
	assert_true(slice_ends(buf_slice(&flat),
	    slice_of(":" LONG40 LONG40
		     ";b=" LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40 LONG40)));
}

/* The limit itself: 78 columns fit, 79 do not. */
static void
limit(void **state)
{
	static const struct {
		size_t n;
		size_t lines;
	} rows[] = {{75, 1}, {76, 2}, {76 + 76, 2}, {76 + 77, 3}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[512], text[200];
		struct buf out = BUF_OVER(storage);
		struct sign_value v = sign_value_begin(&out, slice_make("", 0));
		size_t lines = 1;

		memset(text, 'x', sizeof(text));
		v.column = 1;
		sign_value_open(&v, "b");
		sign_value_fill(&v, slice_make(text, rows[i].n));
		for (size_t k = 0; k < out.n; k++)
			lines += out.p[k] == '\n';
		assert_int_equal(lines, rows[i].lines);
	}
}

static void
no_room(void **state)
{
	char storage[8];
	struct buf out = BUF_OVER(storage);
	struct sign_value v = sign_value_begin(&out, slice_of("X"));

	(void)state;
	sign_value_tag(&v, "d", slice_of("a.example"));
	assert_true(out.over);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(short_one),
	    cmocka_unit_test(folded),
	    cmocka_unit_test(limit),
	    cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests_name("sign_value", tests, NULL, NULL);
}
