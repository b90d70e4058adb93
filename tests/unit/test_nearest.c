/*
 * test_nearest.c - lib/base/nearest.
 */
#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TEN "abcdefghij"

static void
test_cost(void **state)
{
	static const struct {
		const char *written, *known;
		unsigned want;
	} rows[] = {
	    {"block", "block", 0},
	    {"BLOCK", "block", 0},
	    {"blok", "block", 1},
	    {"blockk", "block", 1},
	    {"blick", "block", 1},
	    {"bolck", "block", 1}, /* swapped */
	    {"gery list", "grey list", 1},
	    {"blkc", "block", 2},
	    {"bolkc", "block", 2},
	    {"bxxxk", "block", NEAREST_FAR},
	    {"", "a", NEAREST_FAR},
	    {"", "", NEAREST_FAR},
	    {"a", "", 1},
	    {"tls", "tsl", 1},
	    {"xyz", "xab", NEAREST_FAR}, /* 2 of 3 is another word */
	    {"wxyz", "wxab", 2},
	    {"pro", "promote_after", 1}, /* the beginning */
	    {"pr", "promote_after", NEAREST_FAR},
	    {"prom", "promote_after", 2},
	    {"networks", "allow_networks", 2}, /* the end */
	    {"works", "allow_networks", 2},
	    {"rks", "allow_networks", NEAREST_FAR},
	    {"mote", "promote_after", NEAREST_FAR}, /* neither */
	    {"allow_networks_here", "allow_networks", NEAREST_FAR},
	    {"\xc3\xa4", "\xc3\x84", 1},
	    {TEN TEN TEN TEN "abcdefgh", TEN TEN TEN TEN "abcdefgx", 1},
	    {TEN TEN TEN TEN "abcdefghi", TEN TEN TEN TEN "abcdefghi", NEAREST_FAR},
	    {TEN, TEN TEN TEN TEN "abcdefghi", NEAREST_FAR},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned got = nearest_cost(slice_of(rows[i].written), slice_of(rows[i].known));

		if (got != rows[i].want)
			fail_msg("\"%s\" for \"%s\": %u, not %u", rows[i].written, rows[i].known,
			    got, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
