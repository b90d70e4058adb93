/*
 * test_webhook_guard.c - which addresses a webhook may lead to.
 */
#include "policy/webhook_guard.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct net_set nothing;

static bool
allows(const char *text, const struct net_set *allowed)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(slice_of(text), &addr), 0);
	return webhook_guard_allows(&addr, &nothing, allowed);
}

static void
test_table(void **state)
{
	static const struct {
		const char *addr;
		bool want;
	} rows[] = {
	    /* just inside and just outside of each */
	    {"0.0.0.0", false},
	    {"0.255.255.255", false},
	    {"1.0.0.0", true},
	    {"9.255.255.255", true},
	    {"10.0.0.0", false},
	    {"10.255.255.255", false},
	    {"11.0.0.0", true},
	    {"100.63.255.255", true},
	    {"100.64.0.0", false},
	    {"100.127.255.255", false},
	    {"100.128.0.0", true},
	    {"126.255.255.255", true},
	    {"127.0.0.1", false},
	    {"127.255.255.255", false},
	    {"128.0.0.0", true},
	    {"169.253.255.255", true},
	    {"169.254.169.254", false},
	    {"169.255.0.0", true},
	    {"172.15.255.255", true},
	    {"172.16.0.0", false},
	    {"172.31.255.255", false},
	    {"172.32.0.0", true},
	    {"192.0.0.1", false},
	    {"192.0.1.0", true},
	    {"192.0.2.1", false},
	    {"192.88.99.1", false},
	    {"192.167.255.255", true},
	    {"192.168.0.1", false},
	    {"192.169.0.0", true},
	    {"198.17.255.255", true},
	    {"198.18.0.0", false},
	    {"198.19.255.255", false},
	    {"198.20.0.0", true},
	    {"198.51.100.7", false},
	    {"203.0.113.7", false},
	    {"223.255.255.255", true},
	    {"224.0.0.1", false},
	    {"239.255.255.255", false},
	    {"240.0.0.1", false},
	    {"255.255.255.255", false},
	    {"8.8.8.8", true},
	    {"::", false},
	    {"::1", false},
	    {"::ffff:127.0.0.1", false},
	    {"::ffff:10.1.2.3", false},
	    {"::ffff:8.8.8.8", true},
	    {"::127.0.0.1", false},
	    {"::8.8.8.8", false},
	    {"64:ff9b::7f00:1", false},
	    {"64:ff9b::a9fe:a9fe", false},
	    {"64:ff9b::808:808", true},
	    {"64:ff9b:1::808:808", false},
	    {"100::1", false},
	    {"fc00::1", false},
	    {"fd00:ec2::254", false},
	    {"fe80::1", false},
	    {"fec0::1", false},
	    {"ff02::1", false},
	    {"2001::1", false},
	    {"2001:1ff:ffff::1", false},
	    {"2001:200::1", true},
	    {"2001:db8::1", false},
	    {"2002:7f00:1::1", false},
	    {"2606:4700::1111", true},
	    {"2a00:1450::1", true},
	    {"3fff::1", false},
	    {"3fff:1000::1", true},
	    {"4000::1", false},
	    {"5f00::1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (allows(rows[i].addr, &nothing) != rows[i].want)
			fail_msg("%s", rows[i].addr);
	}
}

static void
test_allowed(void **state)
{
	struct net_cidr v[2];
	struct net_set set;

	(void)state;
	assert_int_equal(net_cidr_parse(slice_of("10.1.0.0/16"), &v[0], NULL), 0);
	assert_int_equal(net_cidr_parse(slice_of("fd00:1::/32"), &v[1], NULL), 0);
	net_set_init(&set, v, COUNT(v));
	assert_true(allows("10.1.2.3", &set));
	assert_true(allows("::ffff:10.1.2.3", &set));
	assert_true(allows("64:ff9b::a01:203", &set));
	assert_false(allows("10.2.2.3", &set));
	assert_true(allows("fd00:1::7", &set));
	assert_false(allows("fd00:2::7", &set));
	assert_true(allows("8.8.8.8", &set));
}

/* Ours are internal, public or not, unless they are allowed; all are, while ours are not known. */
static void
test_own(void **state)
{
	static const char *const ours[] = {
	    "8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::1"};
	struct net_cidr v[2], all[2];
	struct net_set own, allowed;

	(void)state;
	assert_int_equal(net_cidr_parse(slice_of("8.8.8.8"), &v[0], NULL), 0);
	assert_int_equal(net_cidr_parse(slice_of("2a00:1450::1"), &v[1], NULL), 0);
	net_set_init(&own, v, COUNT(v));
	assert_int_equal(net_cidr_parse(slice_of("8.0.0.0/8"), &all[0], NULL), 0);
	assert_int_equal(net_cidr_parse(slice_of("2a00::/16"), &all[1], NULL), 0);
	net_set_init(&allowed, all, COUNT(all));
	for (size_t i = 0; i < COUNT(ours); i++) {
		struct net_addr addr;

		assert_int_equal(net_addr_parse(slice_of(ours[i]), &addr), 0);
		assert_true(webhook_guard_allows(&addr, &nothing, &nothing));
		assert_false(webhook_guard_allows(&addr, &own, &nothing));
		assert_true(webhook_guard_allows(&addr, &own, &allowed));
		assert_false(webhook_guard_allows(&addr, NULL, &nothing));
		assert_true(webhook_guard_allows(&addr, NULL, &allowed));
		addr.bytes[net_family_bits(addr.family) / 8 - 1] ^= 1;
		assert_true(webhook_guard_allows(&addr, &own, &nothing));
	}
}

/* No address: a unix socket, or whatever else. */
static void
test_none(void **state)
{
	struct net_addr none = {.family = NET_NONE};

	(void)state;
	assert_false(webhook_guard_allows(&none, &nothing, &nothing));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_allowed),
	    cmocka_unit_test(test_own),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
