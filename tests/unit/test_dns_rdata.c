/*
 * test_dns_rdata.c - lib/policy/dns_rdata.
 */
#include "policy/dns_rdata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_txt(void **state)
{
	static const struct {
		const char *name;
		struct slice rdata;
		int want;
		const char *text; /* as far as it fits into 10 bytes */
		bool over;
	} cases[] = {
	    {"one", SLICE_LIT("\3abc"), 0, "abc", false},
	    {"two", SLICE_LIT("\3abc\2de"), 0, "abcde", false},
	    {"empty ones", SLICE_LIT("\0\3abc\0\1d\0"), 0, "abcd", false},
	    {"nothing", SLICE_LIT(""), 0, "", false},
	    {"cut off", SLICE_LIT("\3abc\3de"), -1, "abc", false},
	    {"a length only", SLICE_LIT("\3abc\1"), -1, "abc", false},
	    {"the longest length",
		SLICE_LIT("\xff"
			  "abc"),
		-1, "", false},
	    {"as much as fits", SLICE_LIT("\5abcde\5fghij"), 0, "abcdefghij", false},
	    {"too long", SLICE_LIT("\5abcde\6fghijk"), 0, "abcdefghij", true},
	    {"too long and cut off", SLICE_LIT("\5abcde\6fghijk\1"), -1, "abcdefghij", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char storage[10];
		struct buf out = BUF_OVER(storage);
		int got = dns_txt_join(cases[i].rdata, &out);

		if (got != cases[i].want || out.over != cases[i].over ||
		    !slice_eq(buf_slice(&out), slice_of(cases[i].text)))
			fail_msg("%s: %d, %d, \"%.*s\"", cases[i].name, got, out.over,
			    SLICE_ARG(buf_slice(&out)));
	}
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *name;
		const char *client;
		unsigned bits;
		enum dns_status status;
		struct slice rdata[2];
		bool want;
	} cases[] = {
	    {"the same", "192.0.2.1", 32, DNS_FOUND, {SLICE_LIT("\xc0\0\2\1")}, true},
	    {"the second", "192.0.2.1", 32, DNS_FOUND,
		{SLICE_LIT("\xc0\0\2\2"), SLICE_LIT("\xc0\0\2\1")}, true},
	    {"another", "192.0.2.1", 32, DNS_FOUND, {SLICE_LIT("\xc0\0\2\2")}, false},
	    {"its network", "192.0.2.1", 24, DNS_FOUND, {SLICE_LIT("\xc0\0\2\2")}, true},
	    {"not its network", "192.0.2.1", 24, DNS_FOUND, {SLICE_LIT("\xc0\0\3\1")}, false},
	    {"everybody", "192.0.2.1", 0, DNS_FOUND, {SLICE_LIT("\1\2\3\4")}, true},
	    {"IPv6", "2001:db8::1", 128, DNS_FOUND,
		{SLICE_LIT("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")}, true},
	    {"another IPv6", "2001:db8::1", 128, DNS_FOUND,
		{SLICE_LIT("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2")}, false},
	    {"its IPv6 network", "2001:db8::1", 64, DNS_FOUND,
		{SLICE_LIT("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2")}, true},
	    {"of the other family", "192.0.2.1", 0, DNS_FOUND,
		{SLICE_LIT("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")}, false},
	    {"too short", "192.0.2.1", 0, DNS_FOUND, {SLICE_LIT("\xc0\0\2")}, false},
	    {"not found", "192.0.2.1", 0, DNS_TEMPERROR, {SLICE_LIT("\xc0\0\2\1")}, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_answer answer = {.status = cases[i].status, .rdata = cases[i].rdata};
		struct net_addr client;

		answer.n = cases[i].rdata[1].p != NULL ? 2 : 1;
		assert_int_equal(net_addr_parse(slice_of(cases[i].client), &client), 0);
		if (dns_addresses_have(&answer, &client, cases[i].bits) != cases[i].want)
			fail_msg("%s", cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_txt),
	    cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
