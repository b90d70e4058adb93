/*
 * test_siphash.c - lib/base/siphash, against the authors' test vectors: key 00 01 … 0f, input
 * 00 01 … of each length.
 */
#include "base/siphash.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_vectors(void **state)
{
	static const struct {
		size_t n;
		uint64_t want;
	} rows[] = {
	    {0, 0x726fdb47dd0e0e31},
	    {1, 0x74f839c593dc67fd},
	    {8, 0x93f5f5799a932462},
	    {15, 0xa129ca6149be45e5},
	};
	static const uint64_t secret[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	char input[16];

	(void)state;
	for (size_t i = 0; i < sizeof(input); i++)
		input[i] = (char)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_true(siphash(secret, slice_make(input, rows[i].n)) == rows[i].want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
