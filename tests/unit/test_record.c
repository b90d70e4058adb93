/*
 * test_record.c - lib/policy/record.
 */
#include "policy/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_eq(got, slice_of(want)))
		fail_msg("got \"%.*s\", want \"%s\"", SLICE_ARG(got), want);
}

static void
test_clean(void **state)
{
	static const struct {
		const char *name;
		struct slice input;
		const char *want;
	} rows[] = {
	    {"plain", SLICE_LIT("a@example.org accept known"), "a@example.org accept known"},
	    {"all of printable ASCII", SLICE_LIT(" !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"),
		" !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"},
	    {"controls", SLICE_LIT("a\0b\tc\r\nd\x1b[31me\x7f"), "a?b?c??d?[31me?"},
	    {"C1 controls",
		SLICE_LIT("a\xc2\x9b"
			  "31mb\xc2\x80"),
		"a??31mb??"},
	    {"UTF-8 of two, three and four",
		SLICE_LIT("\xc2\xa0\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		"\xc2\xa0\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
	    {"the ends of the ranges",
		SLICE_LIT(
		    "\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
		"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
	    {"Latin-1", SLICE_LIT("M\xfcller"), "M?ller"},
	    {"a lone continuation", SLICE_LIT("\x80\xbf"), "??"},
	    {"overlong", SLICE_LIT("\xc0\xaf\xc1\xbf\xe0\x80\xaf\xf0\x80\x80\xaf"), "???????????"},
	    {"surrogates", SLICE_LIT("\xed\xa0\x80\xed\xbf\xbf"), "??????"},
	    {"beyond U+10FFFF", SLICE_LIT("\xf4\x90\x80\x80\xf5\x80\x80\x80\xff"), "?????????"},
	    {"cut off", SLICE_LIT("a\xe2\x82"), "a??"},
	    {"broken off", SLICE_LIT("\xe2\x82z"), "??z"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static struct record record;

		record_init(&record);
		record_add(&record, "helo", rows[i].input);
		if (!slice_eq(record_get(&record, "helo"), slice_of(rows[i].want)))
			fail_msg("%s: got \"%.*s\"", rows[i].name,
			    SLICE_ARG(record_get(&record, "helo")));
	}
}

static void
test_fields(void **state)
{
	static struct record record;

	(void)state;
	record_init(&record);
	record_add(&record, "code", slice_of("K7"));
	record_add(&record, "id", slice_of(""));
	record_add(&record, "id", slice_of(NULL));
	record_add_number(&record, "score", -12);
	record_add_number(&record, "time", INT64_MAX);
	record_add_number(&record, "nrcpt", 0);
	assert_int_equal(record.n, 4);
	assert_slice(record_get(&record, "code"), "K7");
	assert_slice(record_get(&record, "score"), "-12");
	assert_slice(record_get(&record, "time"), "9223372036854775807");
	assert_slice(record_get(&record, "nrcpt"), "0");
	assert_int_equal(record_get(&record, "id").n, 0);
	assert_int_equal(record_get(&record, "cod").n, 0);
	assert_string_equal(record.v[1].name, "score");
	record_init(&record);
	assert_int_equal(record_get(&record, "code").n, 0);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(record_field_name(slice_of("code")), "code");
	assert_string_equal(record_field_name(slice_of("on_error")), "on_error");
	assert_null(record_field_name(slice_of("Code")));
	assert_null(record_field_name(slice_of("cod")));
	assert_null(record_field_name(slice_of("")));
	assert_null(record_field_name(slice_of("codes")));
}

static void
test_value_bound(void **state)
{
	static struct record record;
	static char text[RECORD_VALUE_BYTES + 100];
	struct slice got;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = RECORD_VALUE_BYTES - 5; n < RECORD_VALUE_BYTES + 5; n++) {
		record_init(&record);
		record_add(&record, "findings", slice_make(text, n));
		got = record_get(&record, "findings");
		assert_int_equal(got.n, n < RECORD_VALUE_BYTES ? n : RECORD_VALUE_BYTES);
		assert_int_equal(slice_ends(got, slice_of("...")), n > RECORD_VALUE_BYTES);
	}
	/* no half character before the mark */
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	record_init(&record);
	record_add(&record, "findings", slice_make(text, sizeof(text)));
	got = record_get(&record, "findings");
	assert_int_equal(got.n, RECORD_VALUE_BYTES - 1);
	assert_memory_equal(got.p + got.n - 5, "\xc3\xa4...", 5);
}

static void
test_record_bound(void **state)
{
	static struct record record;
	static char text[RECORD_VALUE_BYTES];
	struct slice got;

	(void)state;
	memset(text, 'x', sizeof(text));
	record_init(&record);
	record_add(&record, "rcpt", slice_make(text, sizeof(text)));
	record_add(&record, "findings", slice_make(text, sizeof(text)));
	record_add(&record, "helo", slice_make(text, sizeof(text)));
	assert_int_equal(record.used, RECORD_BYTES);
	got = record_get(&record, "helo");
	assert_int_equal(got.n, RECORD_BYTES - (size_t)2 * RECORD_VALUE_BYTES);
	assert_true(slice_ends(got, slice_of("x...")));
	record_add(&record, "reply", slice_of("554"));
	assert_int_equal(record.n, 3); /* no room is no field */
	record_init(&record);
	for (size_t i = 0; i < RECORD_FIELDS_MAX + 3; i++)
		record_add_number(&record, "score", (int64_t)i);
	assert_int_equal(record.n, RECORD_FIELDS_MAX);
	assert_slice(record_get(&record, "score"), "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_clean),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_value_bound),
	    cmocka_unit_test(test_record_bound),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
