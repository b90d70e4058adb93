/*
 * test_dns_name.c - lib/policy/dns_name.
 */
#include "policy/dns_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define L10          "abcdefghij"
#define L60          L10 L10 L10 L10 L10 L10

struct row {
	const char *name;
	struct slice text;
	struct slice normal; /* p NULL: refused */
	struct slice wire;
};

#define REFUSED                                                                                    \
	{                                                                                          \
		NULL, 0                                                                            \
	}

static const struct row rows[] = {
    {"plain", SLICE_LIT("mail.example"), SLICE_LIT("mail.example"), SLICE_LIT("\4mail\7example\0")},
    {"case", SLICE_LIT("MAIL.Example"), SLICE_LIT("mail.example"), SLICE_LIT("\4MAIL\7Example\0")},
    {"dot at the end", SLICE_LIT("a.b."), SLICE_LIT("a.b"), SLICE_LIT("\1a\1b\0")},
    {"one label", SLICE_LIT("com"), SLICE_LIT("com"), SLICE_LIT("\3com\0")},
    {"root", SLICE_LIT("."), SLICE_LIT("."), SLICE_LIT("\0")},
    {"odd but allowed", SLICE_LIT("_a-b+c=d!.x"), SLICE_LIT("_a-b+c=d!.x"),
	SLICE_LIT("\x09_a-b+c=d!\1x\0")},
    {"label of 63", SLICE_LIT(L60 "abc"), SLICE_LIT(L60 "abc"), SLICE_LIT("\x3f" L60 "abc\0")},
    {"label of 64", SLICE_LIT(L60 "abcd"), REFUSED, REFUSED},
    {"empty", SLICE_LIT(""), REFUSED, REFUSED},
    {"two dots", SLICE_LIT(".."), REFUSED, REFUSED},
    {"empty label", SLICE_LIT("a..b"), REFUSED, REFUSED},
    {"two dots at the end", SLICE_LIT("a.."), REFUSED, REFUSED},
    {"dot first", SLICE_LIT(".a"), REFUSED, REFUSED},
    {"blank", SLICE_LIT("a b"), REFUSED, REFUSED},
    {"tab", SLICE_LIT("a\tb"), REFUSED, REFUSED},
    {"NUL", SLICE_LIT("a\0b"), REFUSED, REFUSED},
    {"DEL", SLICE_LIT("a\x7f"), REFUSED, REFUSED},
    {"8-bit", SLICE_LIT("\xc3\xa4"), REFUSED, REFUSED},
    {"backslash", SLICE_LIT("a\\.b"), REFUSED, REFUSED},
};

static void
test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char normal_storage[300], wire_storage[300], back_storage[300];
		struct buf normal = BUF_OVER(normal_storage);
		struct buf wire = BUF_OVER(wire_storage);
		struct buf back = BUF_OVER(back_storage);
		bool ok = dns_name_normalise(rows[i].text, &normal) == 0;
		bool wire_ok = dns_name_to_wire(rows[i].text, &wire) == 0;

		if (ok != (rows[i].normal.p != NULL) || wire_ok != ok)
			fail_msg("%s: accepted %d %d", rows[i].name, ok, wire_ok);
		if (!ok)
			continue;
		if (!slice_eq(buf_slice(&normal), rows[i].normal))
			fail_msg("%s: %.*s", rows[i].name, SLICE_ARG(buf_slice(&normal)));
		if (!slice_eq(buf_slice(&wire), rows[i].wire))
			fail_msg("%s: wire of %zu bytes", rows[i].name, wire.n);
		if (dns_name_from_wire(buf_slice(&wire), &back) != 0 ||
		    !slice_eq(buf_slice(&back), rows[i].normal))
			fail_msg("%s: does not come back", rows[i].name);
	}
}

/* 253 bytes are a name, 254 are none. */
static void
test_longest(void **state)
{
	char text[DNS_NAME_MAX_BYTES + 1], storage[300], wire_storage[DNS_NAME_WIRE_BYTES];
	struct buf out = BUF_OVER(storage);
	struct buf wire = BUF_OVER(wire_storage);
	struct buf small;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[63] = text[127] = text[191] = '.';
	assert_int_equal(dns_name_normalise(slice_make(text, DNS_NAME_MAX_BYTES), &out), 0);
	assert_int_equal(dns_name_to_wire(slice_make(text, DNS_NAME_MAX_BYTES), &wire), 0);
	assert_int_equal(wire.n, DNS_NAME_WIRE_BYTES);
	buf_reset(&out);
	assert_int_equal(dns_name_from_wire(buf_slice(&wire), &out), 0);
	assert_int_equal(out.n, DNS_NAME_MAX_BYTES);
	assert_int_equal(dns_name_normalise(slice_make(text, DNS_NAME_MAX_BYTES + 1), &out), -1);
	assert_int_equal(dns_name_to_wire(slice_make(text, DNS_NAME_MAX_BYTES + 1), &out), -1);
	buf_init(&small, storage, 10);
	assert_int_equal(dns_name_normalise(slice_of("long.example"), &small), -1);
}

static void
test_bad_wire(void **state)
{
	static const struct {
		const char *name;
		struct slice wire;
	} bad[] = {
	    {"empty", {"", 0}},
	    {"no end", SLICE_LIT("\1a")},
	    {"short label", SLICE_LIT("\5abc")},
	    {"length only", SLICE_LIT("\5")},
	    {"something behind", SLICE_LIT("\1a\0\1b\0")},
	    {"root and more", SLICE_LIT("\0\0")},
	    {"pointer", SLICE_LIT("\1a\xc0\x0c")},
	    {"label of 64", SLICE_LIT("\x40" L60 "abcd\0")},
	    {"dot within", SLICE_LIT("\x0cmail.example\0")},
	    {"NUL within", SLICE_LIT("\3a\0b\0")},
	    {"LF within", SLICE_LIT("\3a\nb\0")},
	    {"8-bit", SLICE_LIT("\2\xc3\xa4\0")},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		char storage[300];
		struct buf out = BUF_OVER(storage);

		if (dns_name_from_wire(bad[i].wire, &out) == 0)
			fail_msg("%s", bad[i].name);
	}
}

static void
test_reverse(void **state)
{
	static const struct {
		const char *addr, *zone, *want;
	} cases[] = {
	    {"192.0.2.1", "", "1.2.0.192.in-addr.arpa"},
	    {"127.0.0.2", "List.Example.", "2.0.0.127.list.example"},
	    {"2001:db8::567:89ab", "",
		"b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"},
	    {"::1", "x", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.x"},
	};
	struct net_addr none = {.family = NET_NONE};
	char storage[300];
	struct buf out = BUF_OVER(storage);
	struct net_addr addr;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_reset(&out);
		assert_int_equal(net_addr_parse(slice_of(cases[i].addr), &addr), 0);
		assert_int_equal(dns_name_reverse(&addr, slice_of(cases[i].zone), &out), 0);
		assert_string_equal(buf_text(&out), cases[i].want);
	}
	assert_int_equal(dns_name_reverse(&none, slice_of("x"), &out), -1);
	assert_int_equal(dns_name_reverse(&addr, slice_of("x..y"), &out), -1);
	assert_int_equal(dns_name_reverse(&addr, slice_of(L60 "." L60 "." L60 "." L10), &out), -1);
}

static void
test_question(void **state)
{
	char storage[300];
	struct buf out = BUF_OVER(storage);

	(void)state;
	assert_int_equal(dns_name_question(slice_of("A b  c.Example"), &out), 0);
	assert_true(slice_eq(buf_slice(&out), slice_of("a b  c.example")));
	assert_int_equal(dns_name_question(slice_of("a\tb.example"), &out), -1);
	assert_int_equal(dns_name_question(slice_of("a..example"), &out), -1);
}

static void
test_within(void **state)
{
	static const struct {
		const char *name, *top;
		bool want;
	} cases[] = {
	    {"a.example", "a.example", true},
	    {"A.Example", "a.exAmple", true},
	    {"b.a.example", "a.example", true},
	    {"ba.example", "a.example", false},
	    {"a.example", "b.a.example", false},
	    {"example", "a.example", false},
	    {"a.example.net", "a.example", false},
	    {".a.example", "a.example", true},
	    {"a.example", "", false},
	    {"", "", false},
	    {"", "example", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (dns_name_is_within(slice_of(cases[i].name), slice_of(cases[i].top)) !=
		    cases[i].want)
			fail_msg("\"%s\" in \"%s\"", cases[i].name, cases[i].top);
	}
	assert_true(slice_eq(dns_name_without_dot(slice_of("a.b.")), slice_of("a.b")));
	assert_true(slice_eq(dns_name_without_dot(slice_of("a.b")), slice_of("a.b")));
	assert_true(slice_eq(dns_name_without_dot(slice_of(".")), slice_of(".")));
	assert_int_equal(dns_name_without_dot(slice_of(NULL)).n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_question),
	    cmocka_unit_test(test_within),
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_bad_wire),
	    cmocka_unit_test(test_reverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
