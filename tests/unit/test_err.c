/*
 * test_err.c - lib/base/err.
 */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
test_set(void **state)
{
	struct err err = {.code = ERR_NONE};

	(void)state;
	assert_int_equal(err_set(&err, ERR_INVALID, "%s = %d: too small", "block", -1), -1);
	assert_int_equal(err.code, ERR_INVALID);
	assert_string_equal(err.text, "block = -1: too small");
	assert_int_equal(err_set(&err, ERR_TIMEOUT, "late"), -1);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_string_equal(err.text, "late");
	assert_int_equal(err_set(NULL, ERR_IO, "%s", "nobody asks"), -1);
}

static void
test_cut(void **state)
{
	char word[2 * ERR_TEXT_BYTES];
	struct err err;

	(void)state;
	memset(word, 'x', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	assert_int_equal(err_set(&err, ERR_LIMIT, "%s", word), -1);
	assert_int_equal(strlen(err.text), ERR_TEXT_BYTES - 1);
	word[ERR_TEXT_BYTES - 1] = '\0';
	assert_string_equal(err.text, word);
}

static void
test_own_text(void **state)
{
	struct err err;

	(void)state;
	(void)err_set(&err, ERR_IO, "no such file");
	assert_int_equal(err_set(&err, err.code, "%s: %s", "/etc/allow", err.text), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_string_equal(err.text, "/etc/allow: no such file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_own_text),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
