/*
 * test_address.c - lib/mail/address.
 */
#include "mail/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What an address may be. */
#define OK   0u
#define BAD  1u /* malformed */
#define NONE 2u /* null */

static const struct {
	struct slice in;
	const char *local, *domain;
	unsigned is;
} rows[] = {
    /* as Postfix and Sendmail hand them over */
    {SLICE_LIT("<user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("user@example.com"), "user", "example.com", OK},
    {SLICE_LIT("<User.Name+tag@Mail.Example.COM>"), "User.Name+tag", "Mail.Example.COM", OK},
    {SLICE_LIT("<postmaster>"), "postmaster", "", OK},
    {SLICE_LIT("root"), "root", "", OK},
    {SLICE_LIT("<o'brien!#$%&*-/=?^_`{|}~@example.com>"), "o'brien!#$%&*-/=?^_`{|}~", "example.com",
	OK},
    {SLICE_LIT("<.a..b.@docomo.example>"), ".a..b.", "docomo.example", OK},
    {SLICE_LIT("<a@my_host.example>"), "a", "my_host.example", OK},
    {SLICE_LIT("<a@b>"), "a", "b", OK},
    {SLICE_LIT("<a@z-Z.a-A.example>"), "a", "z-Z.a-A.example", OK},
    /* nobody */
    {SLICE_LIT("<>"), "", "", NONE},
    {SLICE_LIT(""), "", "", NONE},
    {{NULL, 0}, "", "", NONE},
    {SLICE_LIT("  <> "), "", "", NONE},
    {SLICE_LIT("< >"), "", "", NONE},
    {SLICE_LIT("<user@ example.com>"), "user", "example.com", BAD},
    {SLICE_LIT("<user@ \texample.com> SIZE=1"), "user", "example.com", BAD},
    {SLICE_LIT("user@ example.com SIZE=1"), "user", "example.com", BAD},
    {SLICE_LIT("<user@ >"), "user", "", BAD},
    {SLICE_LIT("<user@example .com>"), "user", "example", BAD},
    {SLICE_LIT("<"), "", "", NONE | BAD},
    {SLICE_LIT(">"), "", "", NONE | BAD},
    {SLICE_LIT("<<>>"), "", "", NONE | BAD},
    {SLICE_LIT("<@a.example:>"), "", "", NONE},
    /* quotes */
    {SLICE_LIT("<\"a b\"@example.com>"), "\"a b\"", "example.com", OK},
    {SLICE_LIT("<\"a@b\"@example.com>"), "\"a@b\"", "example.com", OK},
    {SLICE_LIT("<\"a>b\"@example.com>"), "\"a>b\"", "example.com", OK},
    {SLICE_LIT("<\"<a:b>\"@example.com>"), "\"<a:b>\"", "example.com", OK},
    {SLICE_LIT("<\"a\\\"@b\"@example.com>"), "\"a\\\"@b\"", "example.com", OK},
    {SLICE_LIT("<\"a\\\">b\"@example.com>"), "\"a\\\">b\"", "example.com", OK},
    {SLICE_LIT("<\"a\\\\\"@example.com>"), "\"a\\\\\"", "example.com", OK},
    {SLICE_LIT("<\"\"@example.com>"), "\"\"", "example.com", OK},
    {SLICE_LIT("<\"a@b\">"), "\"a@b\"", "", OK},
    {SLICE_LIT("\"a b\"@example.com"), "\"a b\"", "example.com", OK},
    {SLICE_LIT("<\"a@example.com>"), "\"a", "example.com", BAD},
    {SLICE_LIT("<a\"@example.com>"), "a\"", "example.com", BAD},
    {SLICE_LIT("<\"a\\\"@example.com>"), "\"a\\\"", "example.com", BAD},
    {SLICE_LIT("<\"a\\"), "\"a\\", "", BAD},
    {SLICE_LIT("<\"a\"b@example.com>"), "\"a\"b", "example.com", BAD},
    {SLICE_LIT("<\"a\".\"b\"@example.com>"), "\"a\".\"b\"", "example.com", BAD},
    {SLICE_LIT("<a@\"b@c\">"), "a", "\"b@c\"", BAD},
    {SLICE_LIT("\""), "\"", "", BAD},
    /* source routes */
    {SLICE_LIT("<@a.example:user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("<@a.example,@b.example:user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("@a.example:user@example.com"), "user", "example.com", OK},
    {SLICE_LIT("<@[192.0.2.1]:user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("<@[IPv6:2001:db8::1],@b:user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("<@a:@b:user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("<@a:\"b:c\"@example.com>"), "\"b:c\"", "example.com", OK},
    {SLICE_LIT("<@a:<user@example.com>>"), "user", "example.com", BAD},
    {SLICE_LIT("<@a.example>"), "", "a.example", BAD},
    {SLICE_LIT("<@a.example user@example.com:>"), "", "a.example", BAD},
    {SLICE_LIT("<@[a:user@example.com>"), "@[a:user", "example.com", BAD},
    {SLICE_LIT("<a:b@example.com>"), "a:b", "example.com", BAD},
    /* address literals */
    {SLICE_LIT("<user@[192.0.2.1]>"), "user", "[192.0.2.1]", OK},
    {SLICE_LIT("<user@[IPv6:2001:db8::1]>"), "user", "[IPv6:2001:db8::1]", OK},
    {SLICE_LIT("<user@[1]>"), "user", "[1]", OK},
    {SLICE_LIT("<user@[192.0.2.1>"), "user", "[192.0.2.1", BAD},
    {SLICE_LIT("<user@192.0.2.1]>"), "user", "192.0.2.1]", BAD},
    {SLICE_LIT("<user@[]>"), "user", "[]", BAD},
    {SLICE_LIT("<user@[a[b]>"), "user", "[a[b]", BAD},
    {SLICE_LIT("<user@[192.0.2.1].example>"), "user", "[192.0.2.1].example", BAD},
    /* behind the address */
    {SLICE_LIT("<user@example.com> SIZE=100 BODY=8BITMIME"), "user", "example.com", OK},
    {SLICE_LIT("user@example.com SIZE=100 AUTH=<b@example.org>"), "user", "example.com", OK},
    {SLICE_LIT(" <user@example.com>\r\n"), "user", "example.com", OK},
    {SLICE_LIT("\tuser@example.com\r\n"), "user", "example.com", OK},
    {SLICE_LIT("< user@example.com>"), "user", "example.com", OK},
    {SLICE_LIT("<user@example.com >"), "user", "example.com", BAD},
    {SLICE_LIT("<user@example.com>SIZE=100"), "user", "example.com", BAD},
    {SLICE_LIT("<user@example.com>>"), "user", "example.com", BAD},
    {SLICE_LIT("<user@example.com> <b@example.org>"), "user", "example.com", OK},
    /* brackets */
    {SLICE_LIT("<user@example.com"), "user", "example.com", BAD},
    {SLICE_LIT("user@example.com>"), "user", "example.com", BAD},
    {SLICE_LIT("<<user@example.com>>"), "user", "example.com", BAD},
    {SLICE_LIT("<us<er@example.com>"), "us<er", "example.com", BAD},
    {SLICE_LIT("Bob <bob@example.com>"), "Bob <bob", "example.com", BAD},
    /* what an address has not */
    {SLICE_LIT("<@>"), "", "", BAD},
    {SLICE_LIT("<user@>"), "user", "", BAD},
    {SLICE_LIT("<@example.com>"), "", "example.com", BAD},
    {SLICE_LIT("<a@b@example.com>"), "a@b", "example.com", BAD},
    {SLICE_LIT("<a b@example.com>"), "a b", "example.com", BAD},
    {SLICE_LIT("<a,b;c@example.com>"), "a,b;c", "example.com", BAD},
    {SLICE_LIT("<a(comment)@example.com>"), "a(comment)", "example.com", BAD},
    {SLICE_LIT("<a@.example.com>"), "a", ".example.com", BAD},
    {SLICE_LIT("<a@example..com>"), "a", "example..com", BAD},
    {SLICE_LIT("<a@example.com.>"), "a", "example.com.", BAD},
    {SLICE_LIT("<a@exa$mple.com>"), "a", "exa$mple.com", BAD},
    {SLICE_LIT("<a@example.com,b@example.org>"), "a@example.com,b", "example.org", BAD},
    /* bytes */
    {SLICE_LIT("<b\xc3\xa4r@b\xc3\xbc"
	       "cher.example>"),
	"b\xc3\xa4r",
	"b\xc3\xbc"
	"cher.example",
	OK},
    {SLICE_LIT("<\xe2\x82\xac@example.com>"), "\xe2\x82\xac", "example.com", OK},
    {SLICE_LIT("<\xf0\x9f\x93\xa7@example.com>"), "\xf0\x9f\x93\xa7", "example.com", OK},
    {SLICE_LIT("<\xf4\x8f\xbf\xbf@example.com>"), "\xf4\x8f\xbf\xbf", "example.com", OK},
    {SLICE_LIT("<\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80@b>"),
	"\xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80", "b", OK},
    {SLICE_LIT("<a@\xc2\x80.example>"), "a", "\xc2\x80.example", OK},
    {SLICE_LIT("<b\xe4r@example.com>"), "b\xe4r", "example.com", BAD},
    {SLICE_LIT("<\xc0\xaf@example.com>"), "\xc0\xaf", "example.com", BAD},
    {SLICE_LIT("<\xe0\x9f\xbf@example.com>"), "\xe0\x9f\xbf", "example.com", BAD},
    {SLICE_LIT("<\xed\xa0\x80@example.com>"), "\xed\xa0\x80", "example.com", BAD},
    {SLICE_LIT("<\xf0\x8f\xbf\xbf@example.com>"), "\xf0\x8f\xbf\xbf", "example.com", BAD},
    {SLICE_LIT("<\xf4\x90\x80\x80@example.com>"), "\xf4\x90\x80\x80", "example.com", BAD},
    {SLICE_LIT("<\xf5\x80\x80\x80@example.com>"), "\xf5\x80\x80\x80", "example.com", BAD},
    {SLICE_LIT("<\x80@example.com>"), "\x80", "example.com", BAD},
    {SLICE_LIT("<\xe2\x82"), "\xe2\x82", "", BAD},
    {SLICE_LIT("<a@b\xc3>"), "a", "b\xc3", BAD},
    {SLICE_LIT("<a\r\nb@example.com>"), "a\r\nb", "example.com", BAD},
    {SLICE_LIT("<a\x7f@example.com>"), "a\x7f", "example.com", BAD},
    {SLICE_LIT("<\"a\x01\"@example.com>"), "\"a\x01\"", "example.com", BAD},
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address a = address_parse(rows[i].in);
		unsigned is = (a.malformed ? BAD : 0) | (a.null ? NONE : 0);

		if (!slice_eq(a.local, slice_of(rows[i].local)) ||
		    !slice_eq(a.domain, slice_of(rows[i].domain)) || is != rows[i].is)
			fail_msg("%.*s: \"%.*s\" at \"%.*s\", %u, want %u", SLICE_ARG(rows[i].in),
			    SLICE_ARG(a.local), SLICE_ARG(a.domain), is, rows[i].is);
	}
}

/* The text, read again, is the same address. */
static void
test_parse_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address a = address_parse(rows[i].in);
		struct address b = address_parse(a.text);

		if (!slice_eq(a.text, b.text) || !slice_eq(a.local, b.local) ||
		    !slice_eq(a.domain, b.domain) || a.null != b.null)
			fail_msg("%.*s", SLICE_ARG(rows[i].in));
	}
}

static void
test_nul(void **state)
{
	static const char text[] = "<a\0b@exam\0ple.com>";
	struct address a = address_parse(slice_make(text, sizeof(text) - 1));

	(void)state;
	assert_true(a.malformed);
	assert_true(slice_eq(a.local, slice_make("a\0b", 3)));
	assert_true(slice_eq(a.domain, slice_make("exam\0ple.com", 12)));
	assert_ptr_equal(a.text.p, text + 1); /* the slices point into what was given */
	a = address_parse(slice_make("\0", 1));
	assert_true(a.malformed);
	assert_false(a.null);
}

/* "<" and n bytes in all with "@d" at their end, and ">". */
static struct address
parse_long(char *storage, size_t n, char c)
{
	storage[0] = '<';
	memset(storage + 1, c, n - 2);
	memcpy(storage + n - 1, "@d>", 3);
	return address_parse(slice_make(storage, n + 2));
}

static void
test_long(void **state)
{
	static char storage[1 << 20];
	struct address a = parse_long(storage, ADDRESS_MAX_BYTES, 'a');

	(void)state;
	assert_false(a.malformed);
	assert_int_equal(a.text.n, ADDRESS_MAX_BYTES);
	assert_int_equal(a.local.n, ADDRESS_MAX_BYTES - 2);

	a = parse_long(storage, ADDRESS_MAX_BYTES + 1, 'a');
	assert_true(a.malformed);
	assert_int_equal(a.text.n, ADDRESS_MAX_BYTES);
	assert_true(slice_eq(a.domain, slice_of("")));

	for (const char *c = "a\"@<> ,:[\\\n"; *c != '\0'; c++) {
		a = parse_long(storage, sizeof(storage) - 3, *c);
		assert_true(a.malformed);
		assert_in_range(a.text.n, 0, ADDRESS_MAX_BYTES);
	}
	/* a long route is no part of the address */
	memset(storage, 'r', 5000);
	memcpy(storage, "<@", 2);
	memcpy(storage + 5000, ":user@example.com>", 19);
	a = address_parse(slice_of(storage));
	assert_true(slice_eq(a.text, slice_of("user@example.com")));
	assert_false(a.malformed);
}

static void
test_role(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} table[] = {
	    {"<postmaster>", true},
	    {"<Postmaster@example.com>", true},
	    {"POSTMASTER", true},
	    {"<\"postmaster\"@example.com>", true},
	    {"<@a:postmaster@example.com>", true},
	    {"<abuse@example.com>", true},
	    {"<ABUSE@[192.0.2.1]>", true},
	    {"<postmaster+x@example.com>", false},
	    {"<postmasters@example.com>", false},
	    {"<abus@example.com>", false},
	    {"<user@postmaster>", false},
	    {"<@postmaster>", false},
	    {"<\"abuse@example.com>", false},
	    {"<>", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct address a = address_parse(slice_of(table[i].in));

		if (address_is_role(&a) != table[i].want)
			fail_msg("%s", table[i].in);
	}
}

static void
test_plain(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char local[3] = {'a', (char)c, 'b'};
		bool want = c > ' ' && c != 0x7f &&
			    (c >= 0x80 || strchr("()<>[]:;@\\,\"", c) == NULL);

		if (address_local_is_plain(slice_make(local, 3)) != want)
			fail_msg("byte %d", c);
	}
	assert_false(address_local_is_plain(slice_of("")));
}

static void
test_literal(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} table[] = {
	    {"[192.0.2.1]", true},
	    {"[IPv6:2001:db8::1]", true},
	    {"[x]", true},
	    {"[]", false},
	    {"[", false},
	    {"", false},
	    {"192.0.2.1", false},
	    {"[192.0.2.1", false},
	    {"192.0.2.1]", false},
	    {"[192.0.2.1].example", false},
	    {"[192.0.2.1]]", false},
	    {"[a b]", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		if (address_domain_is_literal(slice_of(table[i].in)) != table[i].want)
			fail_msg("\"%s\"", table[i].in);
	}
}

static void
test_list(void **state)
{
	static const struct {
		const char *list;
		const char *want[4];
	} table[] = {
	    {"", {NULL}},
	    {" ", {NULL}},
	    {"a@x", {"a@x"}},
	    {"a@x, b@y ,c@z", {"a@x", "b@y", "c@z"}},
	    {"a@x,,b@y,", {"a@x", "", "b@y"}},
	    {"\"d, j\"@x, b@y", {"\"d, j\"@x", "b@y"}},
	    {"b@y, \"d\\\", j\"@x", {"b@y", "\"d\\\", j\"@x"}},
	    {"\"a, b@y", {"\"a", "b@y"}},     /* no end */
	    {"\"a\", b@y", {"\"a\"", "b@y"}}, /* no domain */
	    {"\"\\", {"\"\\"}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct slice list = slice_of(table[i].list), one;
		size_t n = 0;

		for (; address_list_next(&list, &one); n++) {
			if (table[i].want[n] == NULL || !slice_eq(one, slice_of(table[i].want[n])))
				fail_msg("\"%s\": %.*s", table[i].list, SLICE_ARG(one));
		}
		assert_null(table[i].want[n]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_again),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_role),
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_literal),
	    cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
