/*
 * test_buf.c - lib/base/buf.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_adds_up(void **state)
{
	char storage[64];
	struct buf b = BUF_OVER(storage);

	(void)state;
	assert_int_equal(b.cap, 64);
	buf_add_text(&b, "tries=");
	buf_add_u64(&b, 12);
	buf_add_char(&b, ' ');
	buf_add_lower(&b, slice_of("A-\xc3\x84Z@["));
	buf_add_format(&b, " %s/%d", "x", -7);
	buf_add(&b, slice_make(NULL, 0));
	buf_add_text(&b, NULL);
	assert_string_equal(buf_text(&b), "tries=12 a-\xc3\x84z@[ x/-7");
	assert_int_equal(buf_slice(&b).n, 21);
	assert_false(b.over);
	buf_reset(&b);
	assert_int_equal(buf_slice(&b).n, 0);
	assert_string_equal(buf_text(&b), "");
}

static void
test_u64(void **state)
{
	static const struct {
		uint64_t in;
		const char *want;
	} rows[] = {
	    {0, "0"},
	    {9, "9"},
	    {10, "10"},
	    {1000000007, "1000000007"},
	    {UINT64_MAX, "18446744073709551615"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[21];
		struct buf b = BUF_OVER(storage);

		buf_add_u64(&b, rows[i].in);
		assert_string_equal(buf_text(&b), rows[i].want);
		assert_false(b.over);
	}
}

static void
test_i64(void **state)
{
	static const struct {
		int64_t in;
		const char *want;
	} rows[] = {
	    {0, "0"},
	    {7, "7"},
	    {-7, "-7"},
	    {INT64_MAX, "9223372036854775807"},
	    {INT64_MIN, "-9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char storage[21];
		struct buf b = BUF_OVER(storage);

		buf_add_i64(&b, rows[i].in);
		assert_string_equal(buf_text(&b), rows[i].want);
		assert_false(b.over);
	}
}

/* Storage of four bytes with a guard behind it, filled in each way with three to five bytes. */
static void
test_bounds(void **state)
{
	static const char *const texts[] = {"abc", "abcd", "abcde"};
	static const struct {
		const char *name;
		void (*add)(struct buf *b, struct slice s);
	} ways[] = {{"buf_add", buf_add}, {"buf_add_lower", buf_add_lower}};

	(void)state;
	for (size_t i = 0; i < COUNT(texts) * COUNT(ways); i++) {
		struct slice text = slice_of(texts[i / COUNT(ways)]);
		char storage[5] = "....!";
		struct buf b;

		buf_init(&b, storage, 4);
		ways[i % COUNT(ways)].add(&b, text);
		if (b.n != (text.n < 4 ? text.n : 4) || b.over != (text.n > 4) ||
		    storage[4] != '!' || !slice_starts(text, buf_slice(&b)))
			fail_msg("%s of %zu bytes", ways[i % COUNT(ways)].name, text.n);
	}
}

static void
test_format_bounds(void **state)
{
	static const struct {
		const char *in;
		const char *want;
		bool over;
	} rows[] = {
	    {"", "", false}, {"abc", "abc", false}, {"abcd", "abc", true}, {"abcdef", "abc", true}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[5] = "....!";
		struct buf b;

		buf_init(&b, storage, 4);
		buf_add_format(&b, "%s", rows[i].in);
		if (!slice_eq(buf_slice(&b), slice_of(rows[i].want)) || b.over != rows[i].over)
			fail_msg("\"%s\" gives \"%.*s\"", rows[i].in, SLICE_ARG(buf_slice(&b)));
		assert_int_equal(storage[4], '!');
	}
}

static void
test_full(void **state)
{
	char storage[3] = "..!";
	struct buf b;

	(void)state;
	buf_init(&b, storage, 2);
	buf_add_text(&b, "ab");
	assert_false(b.over);
	buf_add_format(&b, "%s", "");
	assert_true(b.over); /* not even the NUL has room */
	assert_int_equal(b.n, 2);
	buf_reset(&b);
	assert_false(b.over);
	buf_add_text(&b, "ab");
	buf_add_char(&b, 'c');
	assert_true(b.over);
	buf_reset(&b);
	buf_add_text(&b, "ab");
	assert_string_equal(buf_text(&b), "a"); /* the NUL takes the last byte */
	assert_true(b.over);
	assert_int_equal(storage[2], '!');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_adds_up),
	    cmocka_unit_test(test_u64),
	    cmocka_unit_test(test_i64),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_format_bounds),
	    cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
