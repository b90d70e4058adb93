/*
 * test_identity.c - lib/policy/identity.
 */
#include "policy/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_network(void **state)
{
	static const struct {
		const char *client;
		unsigned bits4, bits6;
		const char *want;
	} rows[] = {
	    {"192.0.2.77", 24, 64, "192.0.2.0/24"},
	    {"::ffff:192.0.2.77", 24, 64, "192.0.2.0/24"},
	    {"192.0.2.77", 32, 64, "192.0.2.77/32"},
	    {"192.0.2.77", 19, 64, "192.0.0.0/19"},
	    {"192.0.2.77", 0, 64, "0.0.0.0/0"},
	    {"2001:DB8:1:2:3:4:5:6", 24, 64, "2001:db8:1:2::/64"},
	    {"2001:DB8:1:2:3:4:5:6", 24, 48, "2001:db8:1::/48"},
	    {"ABCD:abcd:abcd:abcd:abcd:abcd:abcd:abcd", 24, 128,
		"abcd:abcd:abcd:abcd:abcd:abcd:abcd:abcd/128"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_addr client;
		struct identity identity;

		assert_int_equal(net_addr_parse(slice_of(rows[i].client), &client), 0);
		identity = identity_of_network(&client, rows[i].bits4, rows[i].bits6);
		assert_int_equal(identity.kind, IDENTITY_NETWORK);
		assert_string_equal(identity.text, rows[i].want);
	}
}

static void
test_none(void **state)
{
	struct net_addr client = {.family = NET_NONE};
	struct identity identity = identity_of_network(&client, 24, 64);

	(void)state;
	assert_int_equal(identity.kind, IDENTITY_NONE);
	assert_string_equal(identity.text, "");
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(identity_kind_name(IDENTITY_NONE), "none");
	assert_string_equal(identity_kind_name(IDENTITY_NETWORK), "network");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_network),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
