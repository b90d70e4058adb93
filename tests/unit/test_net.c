/*
 * test_net.c - lib/base/net.
 */
#include "base/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct net_addr
addr_of(const char *text)
{
	struct net_addr addr;

	if (net_addr_parse(slice_of(text), &addr) != 0)
		fail_msg("no address: %s", text);
	return addr;
}

static struct net_cidr
cidr_of(const char *text)
{
	struct net_cidr cidr;
	struct err err;

	if (net_cidr_parse(slice_of(text), &cidr, &err) != 0)
		fail_msg("%s", err.text);
	return cidr;
}

/* want: the text form, or NULL where it is no address. */
static void
test_addr(void **state)
{
	static const struct {
		struct slice in;
		const char *want;
	} rows[] = {
	    {SLICE_LIT("192.0.2.1"), "192.0.2.1"},
	    {SLICE_LIT("0.0.0.0"), "0.0.0.0"},
	    {SLICE_LIT("255.255.255.255"), "255.255.255.255"},
	    {SLICE_LIT("2001:DB8:0:0:0:0:0:1"), "2001:db8::1"},
	    {SLICE_LIT("::"), "::"},
	    {SLICE_LIT("::1"), "::1"},
	    {SLICE_LIT("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8"},
	    {SLICE_LIT("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1"},
	    {SLICE_LIT("IPv6:2001:db8::1"), "2001:db8::1"},
	    {SLICE_LIT("ipv6:2001:db8::1"), "2001:db8::1"},
	    /* one client is one client */
	    {SLICE_LIT("::ffff:192.0.2.1"), "192.0.2.1"},
	    {SLICE_LIT("::FFFF:c000:0201"), "192.0.2.1"},
	    {SLICE_LIT("IPv6:::ffff:192.0.2.1"), "192.0.2.1"},
	    {SLICE_LIT("0000:0000:0000:0000:0000:ffff:192.168.100.200"), "192.168.100.200"},
	    {SLICE_LIT(""), NULL},
	    {{NULL, 0}, NULL},
	    {SLICE_LIT("IPv6:"), NULL},
	    {SLICE_LIT("IPv6:192.0.2.1"), NULL},
	    {SLICE_LIT("IPv6:IPv6:::1"), NULL},
	    {SLICE_LIT("192.0.2"), NULL},
	    {SLICE_LIT("192.0.2.256"), NULL},
	    {SLICE_LIT("192.0.2.1.1"), NULL},
	    {SLICE_LIT("192.0.2.01"), NULL},
	    {SLICE_LIT("0x7f.1"), NULL},
	    {SLICE_LIT("3221225985"), NULL},
	    {SLICE_LIT(" 192.0.2.1"), NULL},
	    {SLICE_LIT("192.0.2.1 "), NULL},
	    {SLICE_LIT("192.0.2.1\0"), NULL},
	    {SLICE_LIT("192.0.2.1\0.5"), NULL},
	    {SLICE_LIT("192.0.2.1/32"), NULL},
	    {SLICE_LIT("[192.0.2.1]"), NULL},
	    {SLICE_LIT("fe80::1%eth0"), NULL},
	    {SLICE_LIT(":::"), NULL},
	    {SLICE_LIT("1::2::3"), NULL},
	    {SLICE_LIT("12345::"), NULL},
	    {SLICE_LIT("1:2:3:4:5:6:7"), NULL},
	    {SLICE_LIT("1:2:3:4:5:6:7:8:9"), NULL},
	    {SLICE_LIT("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"), NULL},
	    {SLICE_LIT("localhost"), NULL},
	    {SLICE_LIT("\xff\xff\xff\xff"), NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[NET_ADDR_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);
		struct net_addr addr = {.family = NET_NONE};
		int rc = net_addr_parse(rows[i].in, &addr);

		net_addr_format(&out, &addr);
		if ((rc == 0) != (rows[i].want != NULL))
			fail_msg("row %zu, \"%.*s\": %d", i, SLICE_ARG(rows[i].in), rc);
		if (rc == 0 && !slice_eq(buf_slice(&out), slice_of(rows[i].want)))
			fail_msg("row %zu: %s, want %s", i, buf_text(&out), rows[i].want);
	}
}

static void
test_addr_bytes(void **state)
{
	static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, 1};
	static const uint8_t compatible[16] = {[12] = 192, 0, 2, 1};
	struct net_addr four = net_addr_ipv4(mapped + 12);
	struct net_addr six = net_addr_ipv6(mapped);
	struct net_addr other = net_addr_ipv6(compatible);
	struct net_addr none = {.family = NET_NONE};

	(void)state;
	assert_int_equal(four.family, NET_IPV4);
	assert_true(net_addr_eq(&four, &six));
	assert_int_equal(other.family, NET_IPV6);
	assert_false(net_addr_eq(&four, &other));
	assert_false(net_addr_eq(&four, &none));
	assert_int_equal(net_family_bits(NET_IPV4), 32);
	assert_int_equal(net_family_bits(NET_IPV6), 128);
	assert_int_equal(net_family_bits(NET_NONE), 0);
}

static void
test_network(void **state)
{
	static const struct {
		const char *in;
		unsigned bits;
		const char *want;
	} rows[] = {
	    {"192.0.2.255", 24, "192.0.2.0/24"},
	    {"192.0.2.255", 25, "192.0.2.128/25"},
	    {"192.0.2.255", 32, "192.0.2.255/32"},
	    {"192.0.2.255", 31, "192.0.2.254/31"},
	    {"192.0.2.255", 0, "0.0.0.0/0"},
	    {"192.0.2.255", 1, "128.0.0.0/1"},
	    {"192.0.2.255", 33, "192.0.2.255/32"},
	    {"192.0.2.255", 4000000000u, "192.0.2.255/32"},
	    {"2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::/64"},
	    {"2001:db8:1:2:3:4:5:6", 0, "::/0"},
	    {"2001:db8:1:2:3:4:5:7", 127, "2001:db8:1:2:3:4:5:6/127"},
	    {"2001:db8:1:2:3:4:5:7", 128, "2001:db8:1:2:3:4:5:7/128"},
	    {"2001:db8:1:2:3:4:5:7", 129, "2001:db8:1:2:3:4:5:7/128"},
	    {"ffff:ffff::", 29, "ffff:fff8::/29"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", 128,
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[NET_CIDR_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);
		struct net_addr addr = addr_of(rows[i].in);
		struct net_cidr cidr = net_addr_network(&addr, rows[i].bits);

		net_cidr_format(&out, &cidr);
		assert_string_equal(buf_text(&out), rows[i].want);
		assert_true(net_cidr_has(&cidr, &addr));
	}
}

/* want: the network, or a part of the complaint. */
static void
test_cidr(void **state)
{
	static const struct {
		struct slice in;
		int rc;
		const char *want;
	} rows[] = {
	    {SLICE_LIT("192.0.2.0/24"), 0, "192.0.2.0/24"},
	    {SLICE_LIT("192.0.2.1"), 0, "192.0.2.1/32"},
	    {SLICE_LIT("192.0.2.1/32"), 0, "192.0.2.1/32"},
	    {SLICE_LIT("0.0.0.0/0"), 0, "0.0.0.0/0"},
	    {SLICE_LIT("2001:db8::/32"), 0, "2001:db8::/32"},
	    {SLICE_LIT("::/0"), 0, "::/0"},
	    {SLICE_LIT("::1"), 0, "::1/128"},
	    {SLICE_LIT("::1/128"), 0, "::1/128"},
	    {SLICE_LIT("::ffff:192.0.2.1"), 0, "192.0.2.1/32"},
	    {SLICE_LIT("::ffff:192.0.2.0/120"), 0, "192.0.2.0/24"},
	    {SLICE_LIT("::ffff:0:0/96"), 0, "0.0.0.0/0"},
	    {SLICE_LIT("::ffff:192.0.2.1/128"), 0, "192.0.2.1/32"},
	    {SLICE_LIT("::ffff:192.0.2.0/24"), -1, "a number from 96 to 128"},
	    {SLICE_LIT("::ffff:192.0.2.0/95"), -1, "a number from 96 to 128"},
	    {SLICE_LIT("192.0.2.0/33"), -1, "a number from 0 to 32"},
	    {SLICE_LIT("2001:db8::/129"), -1, "a number from 0 to 128"},
	    {SLICE_LIT("192.0.2.0/"), -1, "a number from 0 to 32"},
	    {SLICE_LIT("192.0.2.0/-1"), -1, "a number from 0 to 32"},
	    {SLICE_LIT("192.0.2.0/+24"), -1, "a number"},
	    {SLICE_LIT("192.0.2.0/024"), -1, "a number"},
	    {SLICE_LIT("192.0.2.0/24 "), -1, "a number"},
	    {SLICE_LIT("192.0.2.0/24/8"), -1, "a number"},
	    {SLICE_LIT("192.0.2.0/4294967320"), -1, "a number"},
	    {SLICE_LIT("192.0.2.0/255.255.255.0"), -1, "a number"},
	    {SLICE_LIT("192.0.2.0/2\0"), -1, "a number"},
	    {SLICE_LIT("192.0.2.1/24"), -1, "did you mean 192.0.2.0/24?"},
	    {SLICE_LIT("2001:db8::1/64"), -1, "did you mean 2001:db8::/64?"},
	    {SLICE_LIT("::ffff:192.0.2.1/120"), -1, "did you mean 192.0.2.0/24?"},
	    {SLICE_LIT("128.0.0.0/0"), -1, "did you mean 0.0.0.0/0?"},
	    {SLICE_LIT(""), -1, "no IP address"},
	    {SLICE_LIT("/24"), -1, "no IP address"},
	    {SLICE_LIT("192.0.2/24"), -1, "no IP address"},
	    {SLICE_LIT("mail.example.com"), -1, "\"mail.example.com\" is no IP address"},
	    {SLICE_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), -1,
		"no IP address"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[NET_CIDR_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);
		struct net_cidr cidr = {.bits = 0};
		struct err err = {.code = ERR_NONE};
		int rc = net_cidr_parse(rows[i].in, &cidr, &err);
		const char *got;

		net_cidr_format(&out, &cidr);
		got = rc == 0 ? buf_text(&out) : err.text;
		if (rc != rows[i].rc || strstr(got, rows[i].want) == NULL)
			fail_msg("row %zu: %d \"%s\", want \"%s\"", i, rc, got, rows[i].want);
		assert_int_equal(err.code, rc == 0 ? ERR_NONE : ERR_INVALID);
	}
	assert_int_equal(net_cidr_parse(slice_of("x"), &(struct net_cidr){.bits = 0}, NULL), -1);
}

static void
test_cidr_has(void **state)
{
	static const struct {
		const char *cidr, *addr;
		bool want;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.0", true},
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.0/24", "192.0.1.255", false},
	    {"192.0.2.0/24", "::ffff:192.0.2.9", true},
	    {"192.0.2.0/24", "::192.0.2.9", false},
	    {"0.0.0.0/0", "255.255.255.255", true},
	    {"0.0.0.0/0", "::1", false},
	    {"::/0", "192.0.2.1", false},
	    {"::/0", "ffff::", true},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"2001:db8::1/128", "2001:db8::1", true},
	    {"2001:db8::1/128", "2001:db8::2", false},
	};
	struct net_addr none = {.family = NET_NONE};
	struct net_cidr all = cidr_of("0.0.0.0/0");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_cidr cidr = cidr_of(rows[i].cidr);
		struct net_addr addr = addr_of(rows[i].addr);

		if (net_cidr_has(&cidr, &addr) != rows[i].want)
			fail_msg("%s in %s", rows[i].addr, rows[i].cidr);
	}
	assert_false(net_cidr_has(&all, &none));
}

static void
test_loopback(void **state)
{
	static const struct {
		const char *addr;
		bool want;
	} rows[] = {
	    {"127.0.0.1", true},
	    {"127.255.255.255", true},
	    {"::ffff:127.0.0.1", true},
	    {"::1", true},
	    {"126.255.255.255", false},
	    {"128.0.0.1", false},
	    {"::", false},
	    {"::2", false},
	    {"7f00::1", false},
	    {"::127.0.0.1", false},
	};
	struct net_addr none = {.family = NET_NONE};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_addr addr = addr_of(rows[i].addr);

		if (net_addr_is_loopback(&addr) != rows[i].want)
			fail_msg("%s", rows[i].addr);
	}
	assert_false(net_addr_is_loopback(&none));
}

/* xorshift64*: the same numbers on every run. */
static uint32_t
next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (uint32_t)(*seed * 0x2545f4914f6cdd1d >> 32);
}

/* Few different bytes, so that networks and addresses meet. */
static struct net_addr
random_addr(uint64_t *seed)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = values[next_random(seed) % COUNT(values)];
	return next_random(seed) % 2 == 0 ? net_addr_ipv4(bytes) : net_addr_ipv6(bytes);
}

static bool
naive_has(const struct net_cidr *v, size_t n, const struct net_addr *addr)
{
	for (size_t i = 0; i < n; i++) {
		unsigned bits = v[i].bits;
		bool same = v[i].addr.family == addr->family;

		for (unsigned bit = 0; same && bit < bits; bit++)
			same = ((v[i].addr.bytes[bit / 8] ^ addr->bytes[bit / 8]) >> (7 - bit % 8) &
				   1) == 0;
		if (same)
			return true;
	}
	return false;
}

static void
test_set_against_scan(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	size_t hits = 0;
	size_t asked = 0;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct net_cidr v[64];
		size_t n = next_random(&seed) % COUNT(v);
		struct net_set set;

		for (size_t i = 0; i < n; i++) {
			struct net_addr addr = random_addr(&seed);

			v[i] = net_addr_network(&addr, next_random(&seed) % 129);
			if (v[i].bits < 8) /* or all is in everything */
				v[i] = net_addr_network(&addr, 12);
		}
		net_set_init(&set, v, n);
		for (unsigned i = 0; i < 300; i++, asked++) {
			struct net_addr addr = random_addr(&seed);
			bool want = naive_has(v, n, &addr);

			hits += want;
			if (net_set_has(&set, &addr) != want)
				fail_msg("round %u, address %u, want %d", round, i, want);
		}
	}
	assert_in_range(hits, asked / 10, asked * 9 / 10); /* both answers were tried */
}

static void
test_set_edges(void **state)
{
	struct net_cidr v[] = {cidr_of("::1"), cidr_of("192.0.2.0/24"), cidr_of("192.0.2.0/24"),
	    cidr_of("2001:db8::/32"), cidr_of("255.255.255.255")};
	struct net_cidr all[] = {cidr_of("0.0.0.0/0")};
	struct net_addr none = {.family = NET_NONE};
	struct net_addr one = addr_of("::1");
	struct net_addr mapped = addr_of("::ffff:192.0.2.77");
	struct net_addr last = addr_of("255.255.255.255");
	struct net_set set;

	(void)state;
	net_set_init(&set, NULL, 0);
	assert_false(net_set_has(&set, &one));
	net_set_init(&set, v, COUNT(v));
	assert_true(net_set_has(&set, &one));
	assert_true(net_set_has(&set, &mapped));
	assert_true(net_set_has(&set, &last));
	assert_false(net_set_has(&set, &none));
	net_set_init(&set, all, 1);
	assert_true(net_set_has(&set, &last));
	assert_false(net_set_has(&set, &one));
	assert_false(net_set_has(&set, &none));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_addr),
	    cmocka_unit_test(test_addr_bytes),
	    cmocka_unit_test(test_network),
	    cmocka_unit_test(test_cidr),
	    cmocka_unit_test(test_cidr_has),
	    cmocka_unit_test(test_loopback),
	    cmocka_unit_test(test_set_against_scan),
	    cmocka_unit_test(test_set_edges),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
