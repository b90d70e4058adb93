/*
 * test_keyring.c - lib/policy/keyring*.c.
 */
#include "keyring_fixture.h"

#include "policy/keyring_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct keyring ring;

static int
parse(const char *text, struct err *err)
{
	*err = (struct err){ERR_NONE, ""};
	return keyring_parse(&ring, slice_of(text), "ring", err);
}

static void
test_good(void **state)
{
	struct err err;

	(void)state;
	if (parse(KEYRING_TEXT, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(ring.n, 3);
	assert_int_equal(keyring_current(&ring)->id, 3);
	assert_int_equal(keyring_current(&ring)->created_s, 1767225600);
	assert_int_equal(keyring_find(&ring, 2)->state, KEYRING_PREVIOUS);
	assert_non_null(keyring_find(&ring, 2)->hmac);
	assert_int_equal(keyring_find(&ring, 1)->state, KEYRING_RETIRED);
	assert_null(keyring_find(&ring, 1)->hmac);
	assert_int_equal(keyring_find(&ring, 1)->bytes[31], 1);
	assert_null(keyring_find(&ring, 4));
	keyring_fini(&ring);
	assert_int_equal(ring.n, 0);
	assert_int_equal(ring.v[0].bytes[0], 0);
	assert_null(keyring_current(&ring));
	/* blanks, tabs, CR, no line end, a comment behind */
	assert_int_equal(
	    parse("\r\n  9\t2026-11-21T07:33:18Z  current " KEYRING_BYTES_1 "\t# why\r", &err), 0);
	assert_int_equal(keyring_current(&ring)->id, 9);
	keyring_fini(&ring);
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	    {"", "ring: no key is current"},
	    {"# nothing\n", "ring: no key is current"},
	    {KEYRING_NOW "previous " KEYRING_BYTES_1, "ring: no key is current"},
	    {"\n\nx", "ring:3: the first word is not the number"},
	    {"0 2026-01-01T00:00:00Z current " KEYRING_BYTES_1, "ring:1: the first word"},
	    {"01 2026-01-01T00:00:00Z current " KEYRING_BYTES_1, "ring:1: the first word"},
	    {"256 2026-01-01T00:00:00Z current " KEYRING_BYTES_1, "ring:1: the first word"},
	    {"99999999999 2026-01-01T00:00:00Z current " KEYRING_BYTES_1, "ring:1: the first word"},
	    {"-1 2026-01-01T00:00:00Z current " KEYRING_BYTES_1, "ring:1: the first word"},
	    {"1 2026-01-01 current " KEYRING_BYTES_1, "ring:1: the second word"},
	    {"1 2026-13-01T00:00:00Z current " KEYRING_BYTES_1, "ring:1: the second word"},
	    {"1", "ring:1: the second word"},
	    {KEYRING_NOW "Current " KEYRING_BYTES_1, "ring:1: the third word"},
	    {KEYRING_NOW, "ring:1: the third word"},
	    {KEYRING_NOW "current", "ring:1: the fourth word"},
	    {KEYRING_NOW "current AQEB", "ring:1: the fourth word"},
	    {KEYRING_NOW "current " KEYRING_BYTES_1 "AA", "ring:1: the fourth word"},
	    {KEYRING_NOW "current AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ",
		"ring:1: the fourth"},
	    {KEYRING_NOW "current " KEYRING_BYTES_1 " x", "ring:1: there is something behind"},
	    {KEYRING_NOW "current " KEYRING_BYTES_1 "\n" KEYRING_NOW "retired " KEYRING_BYTES_2,
		"ring:2: a key of this number"},
	    {KEYRING_NOW "current " KEYRING_BYTES_1 "\n\n" KEYRING_OLD "current " KEYRING_BYTES_2,
		"ring:3: a second current key"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err;

		if (parse(rows[i].text, &err) == 0 ||
		    !slice_starts(slice_of(err.text), slice_of(rows[i].want)))
			fail_msg("row %zu: %s", i, err.text);
		if (strstr(err.text, "AQEB") != NULL)
			fail_msg("row %zu tells the key: %s", i, err.text);
		assert_int_equal(ring.n, 0);
	}
}

static void
test_bounds(void **state)
{
	static char large[KEYRING_FILE_BYTES + 2];
	struct err err;

	(void)state;
	memset(large, '\n', sizeof(large) - 1);
	assert_int_equal(parse(large, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	memset(large, '1', 300);
	large[KEYRING_FILE_BYTES] = '\0';
	assert_int_equal(parse(large, &err), -1);
	assert_string_equal(err.text, "ring:1: the line is too long to be a key");
}

static void
test_rotate(void **state)
{
	static const enum keyring_state want[] = {
	    KEYRING_RETIRED, KEYRING_RETIRED, KEYRING_PREVIOUS, KEYRING_PREVIOUS, KEYRING_CURRENT};
	uint8_t random[KEYRING_KEY_BYTES];
	char storage[KEYRING_FILE_BYTES];
	struct buf out = BUF_OVER(storage);
	struct err err = {ERR_NONE, ""};

	(void)state;
	ring.n = 0;
	for (unsigned i = 0; i < COUNT(want); i++) {
		memset(random, (int)i + 1, sizeof(random));
		assert_int_equal(keyring_rotate(&ring, random, 1795246398 + i, 2, &err), 0);
		assert_int_equal(keyring_current(&ring)->id, i + 1);
	}
	keyring_format(&ring, &out);
	keyring_fini(&ring);
	if (parse(buf_text(&out), &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(ring.n, COUNT(want));
	for (unsigned i = 0; i < COUNT(want); i++) {
		assert_int_equal(ring.v[i].state, want[i]);
		assert_int_equal(ring.v[i].bytes[7], i + 1);
		assert_int_equal(ring.v[i].created_s, 1795246398 + i);
		assert_true((ring.v[i].hmac != NULL) == (want[i] != KEYRING_RETIRED));
	}
	keyring_fini(&ring);
}

static void
test_rotate_full(void **state)
{
	static const uint8_t random[KEYRING_KEY_BYTES] = {1};
	struct err err = {ERR_NONE, ""};

	(void)state;
	ring.n = 0;
	for (int i = 0; i < KEYRING_KEYS_MAX; i++)
		assert_int_equal(keyring_rotate(&ring, random, 0, 1, &err), 0);
	assert_int_equal(keyring_rotate(&ring, random, 0, 1, &err), -1);
	assert_int_equal(keyring_current(&ring)->id, KEYRING_KEYS_MAX);
	keyring_fini(&ring);
	assert_int_equal(parse("255 2026-01-01T00:00:00Z current " KEYRING_BYTES_1, &err), 0);
	assert_int_equal(keyring_rotate(&ring, random, 0, 1, &err), -1);
	keyring_fini(&ring);
}

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"2000-02-29T23:59:59Z", 951868799},
	    {"2026-11-21T07:33:18Z", 1795246398},
	    {"2100-03-01T00:00:00Z", 4107542400},
	    {"9999-12-31T23:59:59Z", 253402300799},
	    {"2026-02-29T00:00:00Z", -1},
	    {"2100-02-29T00:00:00Z", -1},
	    {"2026-00-01T00:00:00Z", -1},
	    {"2026-01-00T00:00:00Z", -1},
	    {"2026-01-32T00:00:00Z", -1},
	    {"2026-01-01T24:00:00Z", -1},
	    {"2026-01-01T00:60:00Z", -1},
	    {"2026-01-01T00:00:60Z", -1},
	    {"2026-01-01 00:00:00Z", -1},
	    {"2026-01-01T00:00:00z", -1},
	    {"2026-01-01T0x:00:00Z", -1},
	    {"2026-01-01T00:00:00", -1},
	    {"1969-12-31T23:59:59Z", -1},
	    {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t got = -1;

		if ((keyring_time_parse(slice_of(rows[i].text), &got) == 0) !=
			(rows[i].want >= 0) ||
		    (rows[i].want >= 0 && got != rows[i].want))
			fail_msg("%s: %lld", rows[i].text, (long long)got);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_rotate),
	    cmocka_unit_test(test_rotate_full),
	    cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
