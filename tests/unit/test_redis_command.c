/*
 * test_redis_command.c - lib/io/redis_command.
 */
#include "io/redis_command.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_words(void **state)
{
	static const char want[] = "*4\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n$2\r\n\r\n\r\n";
	char storage[100];
	struct buf out = BUF_OVER(storage);

	(void)state;
	redis_command_begin(&out, 4);
	redis_command_text(&out, "SET");
	redis_command_word(&out, slice_make("a\0b", 3));
	redis_command_text(&out, "");
	redis_command_text(&out, "\r\n");
	assert_true(slice_eq(buf_slice(&out), slice_make(want, sizeof(want) - 1)));
}

static void
test_numbers(void **state)
{
	static const struct {
		int64_t number;
		const char *want;
	} rows[] = {
	    {0, "$1\r\n0\r\n"},
	    {-1, "$2\r\n-1\r\n"},
	    {INT64_MAX, "$19\r\n9223372036854775807\r\n"},
	    {INT64_MIN, "$20\r\n-9223372036854775808\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char storage[64];
		struct buf out = BUF_OVER(storage);

		redis_command_number(&out, rows[i].number);
		assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].want)));
	}
}

static void
test_whole(void **state)
{
	static const char *const words[] = {"GET", "k", NULL};
	char storage[24];
	struct buf out = BUF_OVER(storage);

	(void)state;
	redis_command_add(&out, words);
	assert_true(slice_eq(buf_slice(&out), slice_of("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n")));
	assert_false(out.over);
	redis_command_add(&out, words);
	assert_true(out.over);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
