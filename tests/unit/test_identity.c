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
test_domain(void **state)
{
	static const struct {
		const char *domain, *want; /* NULL: none */
	} rows[] = {
	    {"example.com", "example.com"},
	    {"Example.COM", "example.com"},
	    {"example.com.", "example.com"},
	    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
	    {"_x.example", "_x.example"},
	    {"", NULL},
	    {".", NULL},
	    {".example.com", NULL},
	    {"exa{mple}.com", NULL},
	    {"example.com}:x", NULL},
	    {"exa mple.com", NULL},
	    {"192.0.2.0/24", NULL},
	    {"[192.0.2.1]", NULL},
	    {"b\xc3\xbc.example", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct identity got = identity_of_domain(slice_of(rows[i].domain));
		enum identity_kind kind = rows[i].want == NULL ? IDENTITY_NONE : IDENTITY_SPF;

		if (got.kind != kind ||
		    strcmp(got.text, rows[i].want == NULL ? "" : rows[i].want) != 0)
			fail_msg("\"%s\": got \"%s\"", rows[i].domain, got.text);
	}
}

static void
test_host(void **state)
{
	static const struct {
		const char *name, *domain, *want; /* NULL: none */
	} rows[] = {
	    {"mx1.example.com", "example.com", ".example.com"},
	    {"mx2.example.com", "example.com", ".example.com"},
	    {"MX1.Example.COM.", "example.com", ".example.com"},
	    {"example.com", "example.com", ".example.com"},
	    {"a.b.example.com", "example.com", ".b.example.com"},
	    {"a.b.c.example.com", "example.com", ".b.c.example.com"},
	    {"mx.example.co.uk", "example.co.uk", ".example.co.uk"},
	    {"example.co.uk", "example.co.uk", ".example.co.uk"},
	    {"mx.example.com", "mx.example.com", ".mx.example.com"}, /* a public suffix above */
	    {"mx.example.com", "", NULL},
	    {"com", "", NULL},
	    {"mx.example.com", "example.org", NULL},
	    {"mx.badexample.com", "example.com", NULL},
	    {"example.com", "mx.example.com", NULL},
	    {"m{x.example.com", "example.com", NULL},
	    {"mx.exa}mple.com", "exa}mple.com", NULL},
	    {"m:x.example.com", "example.com", NULL},
	    {"m/x.example.com", "example.com", NULL},
	    {"", "example.com", NULL},
	    {".", ".", NULL},
	    {".example.com", "example.com", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct identity got = identity_of_host(
		    slice_of(rows[i].name), slice_of(rows[i].domain));
		enum identity_kind kind = rows[i].want == NULL ? IDENTITY_NONE : IDENTITY_HOST;

		if (got.kind != kind ||
		    strcmp(got.text, rows[i].want == NULL ? "" : rows[i].want) != 0)
			fail_msg(
			    "\"%s\" in \"%s\": got \"%s\"", rows[i].name, rows[i].domain, got.text);
	}
}

/* The longest name fits; what is longer is none, and is not cut. */
static void
test_long(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	for (size_t i = 9; i < sizeof(name); i += 10)
		name[i] = '.';
	assert_int_equal(identity_of_domain(slice_make(name, 253)).kind, IDENTITY_SPF);
	assert_int_equal(
	    identity_of_host(slice_make(name, 253), slice_make(name, 253)).kind, IDENTITY_HOST);
	assert_int_equal(identity_of_domain(slice_make(name, 299)).kind, IDENTITY_NONE);
	assert_int_equal(
	    identity_of_host(slice_make(name, 299), slice_make(name, 299)).kind, IDENTITY_NONE);
	assert_string_equal(identity_of_domain(slice_make(name, 299)).text, "");
}

/* A host's identity is never SPF's, and the text tells which is which. */
static void
test_kinds(void **state)
{
	struct slice domain = slice_of("example.com");
	struct identity spf = identity_of_domain(domain);
	struct identity host = identity_of_host(slice_of("vm7.example.com"), domain);

	(void)state;
	assert_string_not_equal(spf.text, host.text);
	assert_int_equal(identity_kind_of(slice_of(spf.text)), IDENTITY_SPF);
	assert_int_equal(identity_kind_of(slice_of(host.text)), IDENTITY_HOST);
	assert_int_equal(identity_kind_of(slice_of("192.0.2.0/24")), IDENTITY_NETWORK);
	assert_int_equal(identity_kind_of(slice_of("2001:db8::/64")), IDENTITY_NETWORK);
	assert_int_equal(identity_kind_of(slice_of("")), IDENTITY_NONE);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(identity_kind_name(IDENTITY_NONE), "none");
	assert_string_equal(identity_kind_name(IDENTITY_NETWORK), "network");
	assert_string_equal(identity_kind_name(IDENTITY_SPF), "spf");
	assert_string_equal(identity_kind_name(IDENTITY_HOST), "host");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_network),
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_domain),
	    cmocka_unit_test(test_host),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
