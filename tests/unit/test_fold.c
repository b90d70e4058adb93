/*
 * test_fold.c - lib/mail/fold.
 */
#include "mail/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define LINE_MAX     12

/* The name is "To"; lines have 12 bytes at most. */
static const struct {
	const char *name;
	const char *value;
	const char *want; /* NULL: it cannot be done */
} rows[] = {
    {"nothing", "", ""},
    {"short", " a@b", " a@b"},
    {"as long as may be", " 12345678", " 12345678"},
    {"one more", " 1234 6789", " 1234\n 6789"},
    {"as late as may be", " a b c d e f g", " a b c d\n e f g"},
    {"twice", " 1234 6789 bcdefghi", " 1234\n 6789\n bcdefghi"},
    {"a tab", " 1234\t67890", " 1234\n\t67890"},
    {"several blanks stay together", " 1234   67890", " 1234\n   67890"},
    {"folded already", " 1234\n 67890", " 1234\n 67890"},
    {"folded, but not enough", " 1234\n 67890 123456789", " 1234\n 67890\n 123456789"},
    {"blanks at the end are no place", " 12345678    ", NULL},
    {"blanks at the beginning are none", "    12345678", NULL},
    {"no white space", " 1234567890", NULL},
    {"none in time", " 12 45678901234567 9", NULL},
    {"an empty line within", " 1\n\n 2", " 1\n\n 2"},
};

static void
test_fold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice to = slice_of("To"), value = slice_of(rows[i].value);
		char storage[100] = "before";
		struct buf out = {storage, 6, sizeof(storage), false};
		bool done = fold_value(to, value, LINE_MAX, &out);

		print_message("  %s\n", rows[i].name);
		assert_int_equal(done, rows[i].want != NULL);
		assert_string_equal(buf_text(&out) + 6, done ? rows[i].want : "");
		if (!done)
			continue;
		assert_true(fold_fits(to, slice_of(storage + 6), LINE_MAX));
		assert_int_equal(
		    fold_fits(to, value, LINE_MAX), strcmp(rows[i].value, rows[i].want) == 0);
	}
}

static void
test_name(void **state)
{
	char storage[100];
	struct buf out = BUF_OVER(storage);

	(void)state;
	assert_true(fold_fits(slice_of("Reply-To"), slice_of(" 12"), LINE_MAX));
	assert_false(fold_fits(slice_of("Reply-To"), slice_of(" 123"), LINE_MAX));
	assert_false(fold_value(slice_of("A-very-long-name"), slice_of(" 1 2"), LINE_MAX, &out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fold),
	    cmocka_unit_test(test_name),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
