/*
 * test_suppression.c - lib/policy/suppression.
 */
#include "policy/suppression.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		enum suppression_reason reason; /* SUPPRESSED_NOT: refused */
		int64_t count, first_s, last_s, until_s;
		const char *evidence;
	} rows[] = {
	    {"bounced 3 1763700000 1763718000 0 550 5.1.1 b-x", SUPPRESSED_BOUNCED, 3, 1763700000,
		1763718000, 0, "550 5.1.1 b-x"},
	    {"complained 1 2 3 4", SUPPRESSED_COMPLAINED, 1, 2, 3, 4, ""},
	    {"unsubscribed 0 0 0 0", SUPPRESSED_UNSUBSCRIBED, 0, 0, 0, 0, ""},
	    {"manual 1 2 3 253402300799  asked us ", SUPPRESSED_MANUAL, 1, 2, 3, 253402300799,
		" asked us "},
	    {"manual 1 2 3 4 a\tb\xc3\xa4\x7f", SUPPRESSED_MANUAL, 1, 2, 3, 4, "a?b???"},
	    {"", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {" bounced 1 2 3 4", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced 1 2 3", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"Bounced 1 2 3 4", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced  1 2 3 4", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced -1 2 3 4", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced 1 2 3 4x", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced 1 2 3 253402300800", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"bounced 99999999999999999999 2 3 4", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	    {"1 2 3 4", SUPPRESSED_NOT, 0, 0, 0, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct suppression s;
		struct err err = {ERR_NONE, ""};
		int rc = suppression_parse(slice_of(rows[i].text), &s, &err);

		if ((rows[i].reason == SUPPRESSED_NOT) != (rc != 0) ||
		    (rc != 0) != (err.code == ERR_INVALID))
			fail_msg("\"%s\": %d %s", rows[i].text, rc, err.text);
		if (rc != 0)
			continue;
		if (s.reason != rows[i].reason || s.count != rows[i].count ||
		    s.first_s != rows[i].first_s || s.last_s != rows[i].last_s ||
		    s.until_s != rows[i].until_s ||
		    !slice_eq(slice_make(s.evidence, s.evidence_n), slice_of(rows[i].evidence)))
			fail_msg("\"%s\" is read wrongly", rows[i].text);
	}
}

static void
test_long_evidence(void **state)
{
	char text[500], again[SUPPRESSION_TEXT_BYTES];
	struct buf out = BUF_OVER(again);
	struct suppression s;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "bounced 1 2 3 4 ", 16);
	assert_int_equal(suppression_parse(slice_make(text, sizeof(text)), &s, NULL), 0);
	assert_int_equal(s.evidence_n, SUPPRESSION_EVIDENCE_BYTES);
	suppression_format(&s, &out);
	assert_false(out.over);
	assert_true(slice_eq(buf_slice(&out), slice_make(text, 16 + SUPPRESSION_EVIDENCE_BYTES)));
}

static void
test_read(void **state)
{
	struct suppression s;

	(void)state;
	suppression_read(slice_of("left the company"), &s);
	assert_int_equal(s.reason, SUPPRESSED_MANUAL);
	assert_true(suppression_holds(&s, INT64_MAX));
	assert_true(slice_eq(slice_make(s.evidence, s.evidence_n), slice_of("left the company")));
	suppression_read(slice_of("bounced 7 1 2 3"), &s);
	assert_int_equal(s.reason, SUPPRESSED_BOUNCED);
}

static void
test_holds(void **state)
{
	struct suppression s = {.reason = SUPPRESSED_BOUNCED, .until_s = 100};

	(void)state;
	assert_true(suppression_holds(&s, 99));
	assert_false(suppression_holds(&s, 100));
	s.until_s = 0;
	assert_true(suppression_holds(&s, 100));
	s.reason = SUPPRESSED_NOT;
	assert_false(suppression_holds(&s, 100));
}

static void
test_key(void **state)
{
	static const struct {
		const char *raw, *want;
	} rows[] = {
	    {"<Ann@Example.COM>", "ann@example.com"},
	    {"ann+News@example.com", "ann+news@example.com"},
	    {"<@a,@b:ann@example.com>", "ann@example.com"},
	    {"<\"Ann\"@example.com>", "ann@example.com"},
	    {"<\"a.nn\"@example.com>", "a.nn@example.com"},
	    {"<\"a b\"@example.com>", "\"a b\"@example.com"},
	    {"<\"a\\\"b\"@example.com>", "\"a\\\"b\"@example.com"},
	    {"<\"\"@example.com>", "\"\"@example.com"},
	    {"<\"@example.com>", "\"@example.com"},
	    {"<Postmaster>", "postmaster"},
	    {"<bounce-4711@example.com>", "bounce-4711@example.com"},
	    {"<\xc3\x84nn@example.com>", "\xc3\x84nn@example.com"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[SUPPRESSION_KEY_BYTES + 1];
		struct buf out = BUF_OVER(storage);
		struct address rcpt = address_parse(slice_of(rows[i].raw));

		suppression_key(&rcpt, &out);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

static void
test_words(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"bounced 3 1 1793620800 0 x", "bounced 3 times, last 2026-11-02"},
	    {"bounced 1 1 1793620800 0 x", "bounced on 2026-11-02"},
	    {"complained 2 1 1793620800 0", "complained on 2026-11-02"},
	    {"unsubscribed 1 1 1793663999 0", "unsubscribed on 2026-11-02"},
	    {"manual 1 1 1793620800 0", "by the operator on 2026-11-02"},
	    {"manual 1 0 0 0", "by the operator"},
	    {"gone", "by the operator"},
	    {"bounced 5 0 0 0", "bounced 5 times"},
	    {"bounced 5 0 253402300799 0", "bounced 5 times, last 9999-12-31"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[100];
		struct buf out = BUF_OVER(storage);
		struct suppression s;

		suppression_read(slice_of(rows[i].text), &s);
		suppression_words(&s, &out);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_long_evidence),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_key),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
