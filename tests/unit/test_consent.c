/*
 * test_consent.c - lib/policy/consent.
 */
#include "policy/consent.h"

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
		int mode; /* -1: refused */
		int64_t since_s;
		const char *note;
	} rows[] = {
	    {"identified 0", PRIVACY_IDENTIFIED, 0, ""},
	    {"pseudonymous 1763700000 by letter", PRIVACY_PSEUDONYMOUS, 1763700000, "by letter"},
	    {"anonymous 5  x ", PRIVACY_ANONYMOUS, 5, " x "},
	    {"off 253402300799 a\tb\x7f", PRIVACY_OFF, 253402300799, "a?b?"},
	    {"", -1, 0, ""},
	    {"off", -1, 0, ""},
	    {"Off 5", -1, 0, ""},
	    {" off 5", -1, 0, ""},
	    {"off  5", -1, 0, ""},
	    {"off -5", -1, 0, ""},
	    {"off 253402300800", -1, 0, ""},
	    {"off 99999999999999999999", -1, 0, ""},
	    {"identified5 5", -1, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct consent c, again;
		struct err err = {ERR_NONE, ""};
		int rc = consent_parse(slice_of(rows[i].text), &c, &err);
		char storage[CONSENT_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);

		if ((rc != 0) != (rows[i].mode == -1) || (rc != 0) != (err.code == ERR_INVALID))
			fail_msg("\"%s\": %d %s", rows[i].text, rc, err.text);
		consent_read(slice_of(rows[i].text), &c);
		if (rc != 0) {
			assert_int_equal(c.mode, PRIVACY_OFF);
			assert_int_equal(c.since_s, 0);
			continue;
		}
		if ((int)c.mode != rows[i].mode || c.since_s != rows[i].since_s ||
		    !slice_eq(slice_make(c.note, c.note_n), slice_of(rows[i].note)))
			fail_msg("\"%s\" is read wrongly", rows[i].text);
		consent_format(&c, &out);
		consent_read(buf_slice(&out), &again);
		assert_int_equal(again.mode, c.mode);
		assert_int_equal(again.since_s, c.since_s);
		assert_memory_equal(again.note, c.note, c.note_n);
		assert_int_equal(again.note_n, c.note_n);
	}
}

static void
test_names(void **state)
{
	struct address ann = address_parse(slice_of("<\"Ann\"@Example.COM>"));
	char storage[CONSENT_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	enum account_privacy mode;

	(void)state;
	for (enum account_privacy p = PRIVACY_IDENTIFIED; p <= PRIVACY_OFF; p++) {
		assert_int_equal(consent_mode_parse(slice_of(consent_mode_name(p)), &mode), 0);
		assert_int_equal(mode, p);
	}
	assert_int_equal(consent_mode_parse(slice_of("on"), &mode), -1);
	consent_key(&ann, &key);
	assert_string_equal(buf_text(&key), "ann@example.com");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("consent", tests, NULL, NULL);
}
