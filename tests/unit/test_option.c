/*
 * test_option.c - lib/conf/option*.c.
 */
#include "conf/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct things {
	bool flag;
	int64_t number, seconds, long_s, millis, bytes, mode;
	int word;
	const char *text, *secret, *even;
	struct net_set networks;
	struct address_set addresses;
	struct option_words words;
};

static const char *const choices[] = {"all", "suspicious", "off", NULL};

static int
even_check(const char *value, struct err *err)
{
	if (strlen(value) % 2 != 0)
		return err_set(err, ERR_INVALID, "an odd number of bytes");
	return 0;
}

static const struct option rows[] = {
    OPTION_BOOL(struct things, flag, "flag", "yes", "A flag."),
    OPTION_NUMBER(struct things, number, "number", "-3", -10, 1000, "A number."),
    OPTION_SECONDS(struct things, seconds, "seconds", "4m", 10, 86400, "A duration."),
    OPTION_SECONDS(struct things, long_s, "long", "36d", 0, INT64_MAX, "A long one."),
    OPTION_MILLIS(struct things, millis, "millis", "2s", 0, 3600000, "A short one."),
    OPTION_BYTES(struct things, bytes, "bytes", "64k", 0, 1LL << 40, "A size."),
    OPTION_OCTAL(struct things, mode, "mode", "0660", 0, 0777, "A file mode."),
    OPTION_ENUM(struct things, word, "word", "off", choices, "A choice."),
    OPTION_TEXT(struct things, text, "text", "", 0, 20, NULL, "A text."),
    OPTION_SECRET(struct things, secret, "secret", "", 0, 20, NULL, "A secret."),
    OPTION_TEXT(struct things, even, "even", "ab", 2, 8, even_check, "A text with a check."),
    OPTION_NETWORKS(struct things, networks, "networks", "127.0.0.0/8 ::1", 3, "Networks."),
    OPTION_ADDRESSES(struct things, addresses, "addresses", "", 3, "Addresses."),
    OPTION_WORDS(struct things, words, "words", " one  two ", 3, "Words."),
    OPTION_END,
};

static struct arena arena;

static int
setup(void **state)
{
	static struct things things;

	arena_init(&arena, 4096, 1 << 20);
	things = (struct things){.number = 0};
	*state = &things;
	return option_defaults(rows, &things, &arena);
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static const struct option *
row_of(const char *name)
{
	const struct option *row = option_find(rows, slice_of(name));

	assert_non_null(row);
	return row;
}

static const char *
formatted(const char *name, const struct things *things)
{
	static char storage[2048];
	struct buf out = BUF_OVER(storage);

	option_format(row_of(name), things, &out);
	return buf_text(&out);
}

static void
test_find(void **state)
{
	(void)state;
	assert_ptr_equal(option_find(rows, slice_of("number")), &rows[1]);
	assert_null(option_find(rows, slice_of("numbe")));
	assert_null(option_find(rows, slice_of("numbers")));
	assert_null(option_find(rows, slice_of("Number")));
	assert_null(option_find(rows, slice_of("")));
	assert_true(option_is_list(row_of("networks")));
	assert_true(option_is_list(row_of("addresses")));
	assert_true(option_is_list(row_of("words")));
	assert_false(option_is_list(row_of("text")));
}

static void
test_defaults(void **state)
{
	const struct things *t = *state;

	assert_true(t->flag);
	assert_int_equal(t->number, -3);
	assert_int_equal(t->seconds, 240);
	assert_int_equal(t->long_s, 36 * 86400);
	assert_int_equal(t->millis, 2000);
	assert_int_equal(t->bytes, 65536);
	assert_int_equal(t->mode, 0660);
	assert_int_equal(t->word, 2);
	assert_string_equal(t->text, "");
	assert_string_equal(t->secret, "");
	assert_int_equal(t->networks.n, 2);
	assert_int_equal(t->addresses.n, 0);
	assert_int_equal(t->words.n, 2);
	assert_string_equal(t->words.v[0], "one");
	assert_string_equal(t->words.v[1], "two");
}

/* Each value, and how it is written back. */
static void
test_right(void **state)
{
	static const struct {
		const char *name, *value, *want;
	} table[] = {
	    {"flag", "no", "no"},
	    {"flag", "YES", "yes"},
	    {"flag", "false", "no"},
	    {"flag", "True", "yes"},
	    {"flag", "off", "no"},
	    {"flag", "on", "yes"},
	    {"number", "0", "0"},
	    {"number", "-10", "-10"},
	    {"number", "1000", "1000"},
	    {"number", "0007", "7"},
	    {"seconds", "10", "10s"},
	    {"seconds", "10s", "10s"},
	    {"seconds", "240", "4m"},
	    {"seconds", "240s", "4m"},
	    {"seconds", "4m", "4m"},
	    {"seconds", "1h30m", "90m"},
	    {"seconds", "1h30m10s", "5410s"},
	    {"seconds", "1d", "1d"},
	    {"seconds", "86400", "1d"},
	    {"long", "0", "0"},
	    {"long", "6h", "6h"},
	    {"long", "36d", "36d"},
	    {"long", "2w", "2w"},
	    {"long", "14d", "2w"},
	    {"long", "1w1d", "8d"},
	    {"long", "9223372036854775807", "9223372036854775807s"},
	    {"millis", "0ms", "0ms"},
	    {"millis", "500ms", "500ms"},
	    {"millis", "2s", "2s"},
	    {"millis", "1m", "1m"},
	    {"millis", "1h", "1h"},
	    {"millis", "2s500ms", "2500ms"},
	    {"bytes", "0", "0"},
	    {"bytes", "4096", "4k"},
	    {"bytes", "4097", "4097"},
	    {"bytes", "64k", "64k"},
	    {"bytes", "64K", "64k"},
	    {"bytes", "4M", "4M"},
	    {"bytes", "4m", "4M"},
	    {"bytes", "1G", "1G"},
	    {"bytes", "1024G", "1024G"},
	    {"bytes", "1M512k", "1536k"},
	    {"mode", "0660", "0660"},
	    {"mode", "660", "0660"},
	    {"mode", "0", "0000"},
	    {"mode", "0777", "0777"},
	    {"word", "all", "all"},
	    {"word", "Suspicious", "suspicious"},
	    {"text", "", "\"\""},
	    {"text", "a-b_1.2:3@4/5%6", "a-b_1.2:3@4/5%6"},
	    {"text", "//host", "\"//host\""},
	    {"text", "two words", "\"two words\""},
	    {"text", "a;", "\"a;\""},
	    {"text", "a#b", "\"a#b\""},
	    {"text", "say \"hi\"\\", "\"say \\\"hi\\\"\\\\\""},
	    {"text", "${HOME}", "\"\\${HOME}\""},
	    {"text", "a\tb", "\"a\\x09b\""},
	    {"text", "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
	    {"text", "12345678901234567890", "12345678901234567890"},
	    {"secret", "hush", "(hidden)"},
	    {"secret", "", "\"\""},
	    {"even", "abcd", "abcd"},
	    {"networks", "192.0.2.0/24", "{ 192.0.2.0/24 }"},
	    {"networks", "192.0.2.1", "{ 192.0.2.1 }"},
	    {"addresses", "Example.com", "{ @example.com }"},
	    {"addresses", "a+b@example.com", "{ \"a+b@example.com\" }"},
	    {"words", "one", "{ one }"},
	    {"words", "o n e", "{ \"o n e\" }"},
	};
	struct things *t = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		struct err err = {ERR_NONE, ""};

		if (option_set(row_of(table[i].name), t, &arena, slice_of(table[i].value), &err) !=
		    0)
			fail_msg("%s = %s: %s", table[i].name, table[i].value, err.text);
		if (strcmp(formatted(table[i].name, t), table[i].want) != 0)
			fail_msg("%s = %s: %s", table[i].name, table[i].value,
			    formatted(table[i].name, t));
	}
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *name, *value, *want;
	} table[] = {
	    {"flag", "", "\"\": the value is empty"},
	    {"flag", "maybe", "maybe: write yes or no"},
	    {"flag", "1", "1: write yes or no"},
	    {"number", "ten", "ten: that is no whole number"},
	    {"number", "1.5", "no whole number"},
	    {"number", "0x10", "no whole number"},
	    {"number", "1 000", "\"1 000\": that is no whole number"},
	    {"number", "-", "no whole number"},
	    {"number", "--1", "no whole number"},
	    {"number", "-11", "-11: must be from -10 to 1000"},
	    {"number", "1001", "must be from -10 to 1000"},
	    {"number", "99999999999999999999", "must be from -10 to 1000"},
	    {"number", "-99999999999999999999", "must be from -10 to 1000"},
	    {"seconds", "4x",
		"4x: \"x\" is no unit of time; write seconds or 90s, 4m, 6h, 36d, 2w"},
	    {"seconds", "4M", "\"M\" is no unit of time"},
	    {"seconds", "4 m", "\"4 m\": \" m\" is no unit of time"},
	    {"seconds", "4ms", "\"ms\" is no unit of time"},
	    {"seconds", "4min", "\"min\" is no unit of time"},
	    {"seconds", "1.5h", "\".\" is no unit of time"},
	    {"seconds", "four", "no number with a unit"},
	    {"seconds", "m", "no number with a unit"},
	    {"seconds", "-4m", "no number with a unit"},
	    {"seconds", "1h30", "a unit is missing at the end"},
	    {"seconds", "30m1h", "from large to small"},
	    {"seconds", "1m1m", "from large to small"},
	    {"seconds", "9", "9: must be from 10s to 1d"},
	    {"seconds", "9s", "must be from 10s to 1d"},
	    {"seconds", "86401", "must be from 10s to 1d"},
	    {"seconds", "2d", "must be from 10s to 1d"},
	    {"seconds", "99999999999999999999w", "must be from 10s to 1d"},
	    {"seconds", "9999999999999999w9999999999999999d", "must be from 10s to 1d"},
	    {"millis", "500", "500: a unit is missing at the end; write 500ms, 2s or 1m"},
	    {"millis", "0", "a unit is missing"},
	    {"millis", "2d", "\"d\" is no unit of time"},
	    {"millis", "61m", "must be from 0ms to 1h"},
	    {"bytes", "64kb", "\"kb\" is no unit of size; write bytes or 64k, 4M, 1G"},
	    {"bytes", "2T", "no unit of size"},
	    {"bytes", "1025G", "must be from 0 to 1024G"},
	    {"mode", "0888", "no file mode; write octal digits"},
	    {"mode", "rw", "no file mode"},
	    {"mode", "01000", "must be from 0000 to 0777"},
	    {"word", "none", "none: no such choice; write one of all, suspicious, off"},
	    {"word", "", "the value is empty"},
	    {"text", "123456789012345678901", "21 bytes; at most 20 are allowed"},
	    {"text", "a\nb", "control character \\x0a"},
	    {"text", "a\x7f", "control character \\x7f"},
	    {"secret", "123456789012345678901", "(hidden): 21 bytes; at most 20"},
	    {"even", "", "\"\": may not be empty"},
	    {"even", "a", "a: 1 byte; at least 2 are needed"},
	    {"even", "abc", "abc: an odd number of bytes"},
	    {"networks", "192.0.2.1/24", "did you mean 192.0.2.0/24?"},
	    {"networks", "", "\"\": an entry may not be empty"},
	    {"addresses", "user", "\"user\": neither address nor domain"},
	    {"words", "a\nb", "control character"},
	};
	struct things *t = *state;

	for (size_t i = 0; i < COUNT(table); i++) {
		struct things before = *t;
		struct err err = {ERR_NONE, ""};

		if (option_set(row_of(table[i].name), t, &arena, slice_of(table[i].value), &err) ==
		    0)
			fail_msg("%s = %s: accepted", table[i].name, table[i].value);
		if (strstr(err.text, table[i].want) == NULL)
			fail_msg("%s = %s: \"%s\"", table[i].name, table[i].value, err.text);
		assert_int_equal(err.code, ERR_INVALID);
		for (const struct option *row = rows; row->name != NULL; row++)
			assert_true(option_equal(row, &before, t));
	}
	/* a long value is cut, and no secret is told */
	struct err err;
	char long_text[500];

	memset(long_text, 'x', sizeof(long_text));
	assert_int_equal(
	    option_set(row_of("text"), t, &arena, slice_make(long_text, sizeof(long_text)), &err),
	    -1);
	assert_non_null(strstr(err.text, "xxx...: 500 bytes; at most 20"));
	memset(long_text, '\x01', sizeof(long_text));
	assert_int_equal(
	    option_set(row_of("text"), t, &arena, slice_make(long_text, sizeof(long_text)), &err),
	    -1);
	assert_non_null(strstr(err.text, "\\x01\"...: it holds"));
	assert_int_equal(option_set(row_of("text"), t, &arena, slice_make("a\0b", 3), &err), -1);
	assert_non_null(strstr(err.text, "control character \\x00"));
}

static void
test_lists(void **state)
{
	static const struct slice three[] = {
	    SLICE_LIT("2001:db8::/32"), SLICE_LIT("192.0.2.0/24"), SLICE_LIT("10.0.0.1")};
	static const struct slice four[] = {
	    SLICE_LIT("a"), SLICE_LIT("b"), SLICE_LIT("c"), SLICE_LIT("d")};
	static const struct slice bad[] = {SLICE_LIT("192.0.2.0/24"), SLICE_LIT("example.com")};
	struct things *t = *state;
	struct err err;

	assert_int_equal(option_set_list(row_of("networks"), t, &arena, three, 3, &err), 0);
	assert_string_equal(formatted("networks", t), "{ 192.0.2.0/24, 10.0.0.1, 2001:db8::/32 }");
	assert_int_equal(option_set_list(row_of("words"), t, &arena, four, 4, &err), -1);
	assert_string_equal(err.text, "4 entries; at most 3 are allowed");
	assert_int_equal(t->words.n, 2);
	assert_int_equal(option_set_list(row_of("networks"), t, &arena, bad, 2, &err), -1);
	assert_string_equal(err.text, "\"example.com\" is no IP address or network");
	assert_int_equal(t->networks.n, 3);
	assert_int_equal(option_set_list(row_of("words"), t, &arena, four, 3, &err), 0);
	assert_string_equal(formatted("words", t), "{ a, b, c }");
	assert_int_equal(option_set_list(row_of("words"), t, &arena, NULL, 0, &err), 0);
	assert_string_equal(formatted("words", t), "{}");
	assert_int_equal(option_set_list(row_of("addresses"), t, &arena, four, 0, &err), 0);
	assert_string_equal(formatted("addresses", t), "{}");
}

static void
test_equal(void **state)
{
	static const struct {
		const char *name, *value;
	} table[] = {{"flag", "no"}, {"number", "4"}, {"seconds", "5m"}, {"long", "1d"},
	    {"millis", "1s"}, {"bytes", "1"}, {"mode", "0600"}, {"word", "all"}, {"text", "x"},
	    {"secret", "x"}, {"even", "xy"}, {"networks", "::1"}, {"addresses", "x.y"},
	    {"words", "one"}};
	struct things *a = *state;
	struct things b = {.number = 0};

	assert_int_equal(option_defaults(rows, &b, &arena), 0);
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct option *row = row_of(table[i].name);

		assert_true(option_equal(row, a, &b));
		assert_int_equal(option_set(row, &b, &arena, slice_of(table[i].value), NULL), 0);
		if (option_equal(row, a, &b))
			fail_msg("%s: equal", row->name);
		assert_int_equal(option_set(row, a, &arena, slice_of(table[i].value), NULL), 0);
		assert_true(option_equal(row, a, &b));
	}
	/* same length, other entries */
	assert_int_equal(option_set(row_of("networks"), &b, &arena, slice_of("::2"), NULL), 0);
	assert_false(option_equal(row_of("networks"), a, &b));
	assert_int_equal(option_set(row_of("addresses"), &b, &arena, slice_of("x.z"), NULL), 0);
	assert_false(option_equal(row_of("addresses"), a, &b));
	assert_int_equal(option_set(row_of("words"), &b, &arena, slice_of("two"), NULL), 0);
	assert_false(option_equal(row_of("words"), a, &b));
}

static void
test_no_memory(void **state)
{
	struct things t = {.number = 0};
	struct arena small;
	struct err err = {ERR_NONE, ""};

	(void)state;
	for (size_t max = 16; max < 128; max += 16) {
		struct arena tight;

		arena_init(&tight, 16, max);
		assert_int_equal(option_defaults(rows, &t, &tight), -1);
		arena_fini(&tight);
	}
	arena_init(&small, 16, 16);
	(void)arena_alloc(&small, 16);
	assert_int_equal(option_set(row_of("text"), &t, &small, slice_of("x"), &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	assert_int_equal(option_set(row_of("words"), &t, &small, slice_of("x"), &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	arena_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_right, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_equal, setup, teardown),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
