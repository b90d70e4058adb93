/*
 * test_address_set.c - lib/mail/address_set.c.
 */
#include "mail/address_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_pattern_right(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
	    {"user@example.com", "user@example.com"},
	    {"User@Example.COM", "user@example.com"},
	    {"@example.com", "@example.com"},
	    {"Example.com", "@example.com"},
	    {".Example.com", ".example.com"},
	    {".com", ".com"},
	    {"Postmaster@", "postmaster@"},
	    {"@localhost", "@localhost"},
	    {"user+tag@example.com", "user+tag@example.com"},
	    {"first.last@a-b.example", "first.last@a-b.example"},
	    {"_dmarc.example.com", "@_dmarc.example.com"},
	    {"user@[192.0.2.1]", "user@[192.0.2.1]"},
	    {"user@[IPv6:2001:db8::1]", "user@[ipv6:2001:db8::1]"},
	    {"j\xc3\xb6rg@b\xc3\xbc"
	     "cher.example",
		"j\xc3\xb6rg@b\xc3\xbc"
		"cher.example"},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1024, 65536);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err err = {ERR_NONE, ""};
		struct slice got = {NULL, 0};

		if (address_pattern_parse(&a, slice_of(table[i].text), &got, &err) != 0)
			fail_msg("%s: %s", table[i].text, err.text);
		assert_string_equal(got.p, table[i].want);
		assert_int_equal(got.n, strlen(table[i].want));
	}
	arena_fini(&a);
}

static void
test_pattern_wrong(void **state)
{
	static const struct {
		const char *text, *want;
	} table[] = {
	    {"", "\"\": an address pattern may not be empty"},
	    {"user", "\"user\": neither address nor domain"},
	    {"@", "a part of the domain between dots is empty"},
	    {".", "is empty"},
	    {"..com", "is empty"},
	    {"example..com", "is empty"},
	    {"example.com.", "is empty"},
	    {"user@.example.com", "is empty"},
	    {"a@b@example.com", "more than one @"},
	    {"a@@example.com", "more than one @"},
	    {"user @example.com", "no spaces"},
	    {"a\tb", "no spaces"},
	    {"a\x01@example.com", "control"},
	    {"a\x7f@example.com", "control"},
	    {"<user@example.com>", "without < >"},
	    {"a@example.com,b@example.com", "without < >"},
	    {"*@example.com", "no wildcard"},
	    {"*.example.com", "write @example.com for a domain"},
	    {"user@exam!ple.com", "letters, digits"},
	    {"/etc/passwd.x", "letters, digits"},
	    {"user@[192.0.2.1", "letters, digits"},
	    {"user@[]", "letters, digits"},
	    {"a@1234567890123456789012345678901234567890123456789012345678901234.example",
		"at most 63 bytes"},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1024, 65536);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct err err = {ERR_NONE, ""};
		struct slice got;

		if (address_pattern_parse(&a, slice_of(table[i].text), &got, &err) == 0)
			fail_msg("%s: accepted", table[i].text);
		if (strstr(err.text, table[i].want) == NULL)
			fail_msg("%s: \"%s\"", table[i].text, err.text);
		assert_int_equal(err.code, ERR_INVALID);
	}
	arena_fini(&a);
}

static void
test_pattern_bounds(void **state)
{
	char text[ADDRESS_PATTERN_MAX_BYTES + 2];
	struct slice got;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 1024, 65536);
	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 12, "@example.com", 12);
	/* 320 bytes fit, 321 do not; a NUL is no way around it */
	assert_int_equal(
	    address_pattern_parse(&a, slice_make(text + 2, ADDRESS_PATTERN_MAX_BYTES), &got, &err),
	    0);
	assert_int_equal(got.n, ADDRESS_PATTERN_MAX_BYTES);
	assert_int_equal(address_pattern_parse(
			     &a, slice_make(text + 1, ADDRESS_PATTERN_MAX_BYTES + 1), &got, &err),
	    -1);
	assert_non_null(strstr(err.text, "320 bytes"));
	assert_int_equal(address_pattern_parse(&a, slice_make("a\0@b.c", 6), &got, &err), -1);
	arena_fini(&a);

	arena_init(&a, 16, 16);
	(void)arena_alloc(&a, 16);
	assert_int_equal(address_pattern_parse(&a, slice_of("@b.c"), &got, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	arena_fini(&a);
}

/* As address_parse() would fill it. */
static struct address
address_of(const char *text)
{
	struct address addr = {.text = slice_of(text)};
	size_t at = slice_find_last(addr.text, '@');

	addr.local = slice_head(addr.text, at);
	addr.domain = slice_from(addr.text, at + 1);
	addr.null = addr.text.n == 0;
	return addr;
}

static void
test_set_has(void **state)
{
	static const char *const patterns[] = {"user@example.com", "Example.NET", ".example.org",
	    "abuse@", "@localhost", "a@b.deep.example.org"};
	static const struct {
		const char *text;
		bool want;
	} table[] = {
	    {"user@example.com", true},
	    {"USER@EXAMPLE.COM", true},
	    {"other@example.com", false},
	    {"user@sub.example.com", false},
	    {"any@example.net", true},
	    {"any@sub.example.net", false},
	    {"any@badexample.net", false},
	    {"any@example.org", false},
	    {"any@a.example.org", true},
	    {"any@a.b.example.org", true},
	    {"any@badexample.org", false},
	    {"abuse@anywhere.example", true},
	    {"Abuse", true},
	    {"xabuse@anywhere.example", false},
	    {"user", false},
	    {"a@localhost", true},
	    {"", false},
	    {"@example.net", true},
	    {"a@", false},
	    {"\"a@b\"@example.net", true},
	};
	struct slice v[COUNT(patterns)];
	struct address_set set;
	struct arena a;

	(void)state;
	arena_init(&a, 1024, 65536);
	for (size_t i = 0; i < COUNT(patterns); i++)
		assert_int_equal(address_pattern_parse(&a, slice_of(patterns[i]), &v[i], NULL), 0);
	address_set_init(&set, v, COUNT(v));
	for (size_t i = 0; i < COUNT(table); i++) {
		struct address addr = address_of(table[i].text);

		if (address_set_has(&set, &addr) != table[i].want)
			fail_msg("\"%s\": want %d", table[i].text, table[i].want);
	}
	arena_fini(&a);
}

static void
test_set_edges(void **state)
{
	char text[700];
	struct slice v[1] = {SLICE_LIT("@example.com")};
	struct address_set set;
	struct address addr;

	(void)state;
	address_set_init(&set, NULL, 0);
	addr = address_of("a@example.com");
	assert_false(address_set_has(&set, &addr));
	address_set_init(&set, v, 1);
	assert_true(address_set_has(&set, &addr));
	addr.null = true;
	assert_false(address_set_has(&set, &addr));

	/* the longest that can match, and one byte more */
	memset(text, 'x', sizeof(text));
	memcpy(text + ADDRESS_PATTERN_MAX_BYTES - 12, "@example.com", 13);
	addr = address_of(text);
	assert_true(address_set_has(&set, &addr));
	memset(text, 'x', ADDRESS_PATTERN_MAX_BYTES);
	memcpy(text + ADDRESS_PATTERN_MAX_BYTES - 11, "@example.com", 13);
	addr = address_of(text);
	assert_false(address_set_has(&set, &addr));

	/* a domain of many dots, none of them listed */
	for (size_t i = 0; i < 300; i++)
		text[i] = i == 0 ? '@' : i % 2 ? 'a' : '.';
	text[300] = '\0';
	addr = address_of(text);
	assert_false(address_set_has(&set, &addr));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pattern_right),
	    cmocka_unit_test(test_pattern_wrong),
	    cmocka_unit_test(test_pattern_bounds),
	    cmocka_unit_test(test_set_has),
	    cmocka_unit_test(test_set_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
