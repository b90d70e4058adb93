/*
 * test_rdns_address.c - lib/policy/rdns_address.
 */
#include "policy/rdns_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define V4 "203.0.113.77"
#define V6 "2001:db8:1:2:a00:27ff:fe4e:66a1"

static void
test_has_address(void **state)
{
	static const struct {
		const char *client, *name;
		bool want;
	} rows[] = {
	    {V4, "203-0-113-77.example.net", true},
	    {V4, "203.0.113.77.example.net", true},
	    {V4, "77.113.0.203.example.net", true},
	    {V4, "h77-113-0-203.example.net", true},
	    {V4, "203x0x113x77.example.net", true},
	    {V4, "a203b0c113d77.example.net", true},
	    {V4, "203-000-113-077.example.net", true},
	    {V4, "p203.ip0.c113.x77.example.net", true},
	    {V4, "203-0-113.example.net", true},
	    {V4, "77.113.0.example.net", true},
	    {V4, "0-113-77.example.net", true},
	    {V4, "113.0.203.example.net", true},
	    {V4, "113-77.example.net", true},
	    {V4, "77-113.example.net", true},
	    {V4, "h1.113-77.example.net", true},
	    {V4, "203000113077.example.net", true},
	    {V4, "077113000203.example.net", true},
	    {V4, "host113077.example.net", true},
	    {V4, "h000113077.example.net", true},
	    {V4, "203011377.example.net", true},
	    {V4, "3405803853.example.net", true},
	    {V4, "cb00714d.example.net", true},
	    {V4, "pCB00714D.example.net", true},
	    {V4, "4d7100cb.example.net", true},
	    {V4, "cb-00-71-4d.example.net", true},
	    {V4, "x.203.0.113.77", true},
	    {V4, "203-0.example.net", false},
	    {V4, "0-113.example.net", false},
	    {V4, "113.example77.net", false},
	    {V4, "77.example.net", false},
	    {V4, "203-0-99-77.example.net", false},
	    {V4, "1203-0-1137.example.net", false},
	    {V4, "2030-0113-0077.example.net", false},
	    {V4, "mx1.example.net", false},
	    {V4, "cb00714.example.net", false},
	    {V4, "", false},
	    {V4, ".", false},
	    {"192.0.1.2", "mx1-2.example.net", false}, /* a pair of short numbers is no address */
	    {"192.0.21.2", "mx21-2.example.net", true},
	    {V6, "2001-db8-1-2-a00-27ff-fe4e-66a1.example.net", true},
	    {V6, "2001-0db8-0001-0002-0a00-27ff-fe4e-66a1.example.net", true},
	    {V6, "20010db8000100020a0027fffe4e66a1.example.net", true},
	    {V6, "host-20010db800010002.example.net", true},
	    {V6, "0a0027fffe4e66a1.example.net", true},
	    {V6, "a00-27ff-fe4e-66a1.example.net", true},
	    {V6, "2001-DB8-1-2.pool.example.net", true},
	    {V6, "1.a.6.6.e.4.e.f.f.f.7.2.0.0.a.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.example.net",
		true},
	    {V6, "mx1.example.net", false},
	    {V6, "2001-db8.example.net", false},
	    {V6, "fe4e-66a1.example.net", false},
	    {"2001:db8::5", "2001-db8--5.example.net", true},
	    {"2001:db8::5", "2001-db8-0-0-0-0-0-5.example.net", true},
	    {"2001:db8::5", "v6-5.example.net", false},
	    {"2001:db8::5", "0-0-0-5.example.net", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_addr client;

		assert_int_equal(net_addr_parse(slice_of(rows[i].client), &client), 0);
		if (rdns_has_address(slice_of(rows[i].name), &client) != rows[i].want)
			fail_msg("%s of %s: want %d", rows[i].name, rows[i].client, rows[i].want);
	}
}

static void
test_no_client(void **state)
{
	struct net_addr client = {.family = NET_NONE};

	(void)state;
	assert_false(rdns_has_address(slice_of("0.0.0.0.example.net"), &client));
}

/* Names may be longer than any that DNS has: nothing is written beyond the bounds. */
static void
test_long(void **state)
{
	char name[600];
	struct net_addr client;

	(void)state;
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 == 0 ? '1' : '-';
	assert_int_equal(net_addr_parse(slice_of(V4), &client), 0);
	assert_false(rdns_has_address(slice_make(name, sizeof(name)), &client));
	assert_int_equal(net_addr_parse(slice_of(V6), &client), 0);
	assert_false(rdns_has_address(slice_make(name, sizeof(name)), &client));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_has_address),
	    cmocka_unit_test(test_no_client),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests_name("rdns_address", tests, NULL, NULL);
}
