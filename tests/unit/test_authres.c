/*
 * test_authres.c - lib/auth/authres with authres_owner and authres_methods.
 */
#include "auth/authres.h"

#include "auth/authres_methods.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct authres w;
static char storage[AUTHRES_MAX_BYTES];

static void
begin(const char *id)
{
	authres_begin(&w, storage, sizeof(storage), slice_of(id));
}

static void
test_none(void **state)
{
	(void)state;
	begin("mx.example.org");
	assert_string_equal(authres_end(&w), "mx.example.org; none");
	begin("mx example;org");
	assert_string_equal(authres_end(&w), "\"mx example;org\"; none");
}

/* {value, as it is written} */
static const struct {
	struct slice in;
	const char *want;
} values[] = {
    {SLICE_LIT("example.com"), "example.com"},
    {SLICE_LIT("a_b.example"), "a_b.example"},
    {SLICE_LIT("user@example.com"), "user@example.com"},
    {SLICE_LIT("@example.com"), "@example.com"},
    {SLICE_LIT("u+x=y@example.com"), "\"u+x=y@example.com\""},
    {SLICE_LIT("a..b@example.com"), "\"a..b@example.com\""},
    {SLICE_LIT(".a@example.com"), "\".a@example.com\""},
    {SLICE_LIT("a.@example.com"), "\"a.@example.com\""},
    {SLICE_LIT("user@"), "\"user@\""},
    {SLICE_LIT("a@b@example.com"), "\"a@b@example.com\""},
    {SLICE_LIT("2001:db8::1"), "\"2001:db8::1\""},
    {SLICE_LIT("abc/def="), "\"abc/def=\""},
    {SLICE_LIT("a b"), "\"a b\""},
    {SLICE_LIT("legit.example(.evil.example"), "\"legit.example(.evil.example\""},
    {SLICE_LIT("x; dmarc=pass"), "\"x; dmarc=pass\""},
    {SLICE_LIT("x\"; dmarc=pass"), "\"x\\\"; dmarc=pass\""},
    {SLICE_LIT("x\\"), "\"x\\\\\""},
    {SLICE_LIT("legitimate.com'a.attack.com"), "\"legitimate.com'a.attack.com\""},
    {SLICE_LIT("o'brien+x@example.com"), "\"o'brien+x@example.com\""},
    {SLICE_LIT("o_brien+x@example.com"), "o_brien+x@example.com"},
    {SLICE_LIT("x\r\nEvil: y"), "\"x??Evil: y\""},
    {SLICE_LIT("x\0y\x7f\xff\t"), "\"x?y???\""},
    {SLICE_LIT("any@legitimate.com'@any.attack.com"), "\"any@legitimate.com'@any.attack.com\""},
};

static void
test_values(void **state)
{
	char want[200];

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		begin("mx");
		authres_method(&w, "spf", "pass");
		authres_property(&w, "smtp", "mailfrom", values[i].in);
		snprintf(want, sizeof(want), "mx;\n\tspf=pass smtp.mailfrom=%s", values[i].want);
		assert_string_equal(authres_end(&w), want);
	}
}

static void
test_comment_and_reason(void **state)
{
	(void)state;
	begin("mx");
	authres_method(&w, "spf", "fail");
	authres_comment(&w, slice_of("a (b) \\ c\r\n;"));
	authres_reason(&w, slice_of("say \"no\"\n"));
	authres_property(&w, "smtp", "helo", slice_of(""));
	assert_string_equal(
	    authres_end(&w), "mx;\n\tspf=fail (a ?b? ? c\?\?\?) reason=\"say \\\"no\\\"?\"");
}

/* No line over 78 where a piece allows it, never one over 998, whatever the values. */
static void
test_lines(void **state)
{
	static char hostile[2000];
	size_t longest = 0;
	const char *text;

	(void)state;
	begin("mx.example.org");
	authres_method(&w, "dkim", "pass");
	for (int i = 0; i < 6; i++)
		authres_property(&w, "header", "d", slice_of("aaaaaaaaaaaaaaaaaaaa.example"));
	text = authres_end(&w);
	assert_non_null(text);
	for (size_t line; *text != '\0'; text += line + (text[line] != '\0')) {
		line = strcspn(text, "\n");
		assert_in_range(line, 1, 78);
	}

	memset(hostile, '"', sizeof(hostile));
	begin("mx.example.org");
	authres_method(&w, "spf", "pass");
	authres_comment(&w, slice_make(hostile, sizeof(hostile)));
	authres_reason(&w, slice_make(hostile, sizeof(hostile)));
	authres_property(&w, "smtp", "mailfrom", slice_make(hostile, sizeof(hostile)));
	text = authres_end(&w);
	assert_non_null(text);
	for (size_t line; *text != '\0'; text += line + (text[line] != '\0')) {
		line = strcspn(text, "\n");
		longest = line > longest ? line : longest;
	}
	assert_in_range(longest, 600, 998);
}

static void
test_over(void **state)
{
	(void)state;
	authres_begin(&w, storage, 30, slice_of("mx.example.org"));
	authres_method(&w, "spf", "pass");
	authres_property(&w, "smtp", "mailfrom", slice_of("a@b.example"));
	assert_null(authres_end(&w));
	authres_begin(&w, storage, 20, slice_of("mx.example.org"));
	assert_null(authres_end(&w));
	authres_begin(&w, storage, 21, slice_of("mx.example.org"));
	assert_non_null(authres_end(&w));
}

static void
test_methods(void **state)
{
	struct net_addr client;
	const struct authres_dkim dkim[] = {
	    {"pass", NULL, slice_of("example.com"), slice_of("s1"), slice_of("rsa-sha256"),
		slice_of("AbCdEfGhIjKl")},
	    {"fail", "body hash", slice_of("example.com"), slice_of("s2"), slice_of(""),
		slice_of("AbCdEfGhZ/Kl")},
	};
	struct dmarc_author author = {.name = "example.com", .result = DMARC_FAIL};

	(void)state;
	assert_int_equal(net_addr_parse(slice_of("2001:db8::1"), &client), 0);
	author.published = DMARC_POLICY_REJECT;
	begin("mx.example.org");
	authres_iprev(&w, "pass", &client, slice_of("mail.example.com"));
	authres_spf(&w, "fail", slice_of("a@example.com"), slice_of("mail"), "not allowed");
	authres_spf(&w, "none", slice_of(""), slice_of("mail.example.com"), NULL);
	authres_dkim(&w, dkim, COUNT(dkim), 0);
	authres_dkim(&w, dkim, COUNT(dkim), 1);
	authres_dmarc(&w, &author, DMARC_POLICY_NONE, "trusted-forwarder");
	author.published = DMARC_POLICY_ABSENT;
	author.result = DMARC_NONE;
	authres_dmarc(&w, &author, DMARC_POLICY_NONE, NULL);
	authres_greylist(&w, 0);
	authres_greylist(&w, 312);
	assert_string_equal(authres_end(&w),
	    "mx.example.org;\n"
	    "\tiprev=pass policy.iprev=\"2001:db8::1\" (mail.example.com);\n"
	    "\tspf=fail reason=\"not allowed\" smtp.mailfrom=a@example.com;\n"
	    "\tspf=none smtp.helo=mail.example.com;\n"
	    "\tdkim=pass header.d=example.com header.s=s1 header.a=rsa-sha256\n"
	    "\theader.b=AbCdEfGhI;\n"
	    "\tdkim=fail reason=\"body hash\" header.d=example.com header.s=s2\n"
	    "\theader.b=AbCdEfGhZ;\n"
	    "\tdmarc=fail header.from=example.com\n"
	    "\tpolicy.published-domain-policy=reject policy.applied-disposition=none\n"
	    "\tpolicy.override-reason=trusted-forwarder;\n"
	    "\tdmarc=none header.from=example.com;\n"
	    "\tx-greylist=pass (delayed 312 seconds)");
}

static void
test_signature_bytes(void **state)
{
	const struct slice same[] = {
	    SLICE_LIT("abcdefghij"), SLICE_LIT("abcdefghij"), SLICE_LIT("abc"), SLICE_LIT("")};
	const struct slice apart[] = {SLICE_LIT("abcdefghij"), SLICE_LIT("bcdefghij")};

	(void)state;
	assert_int_equal(authres_signature_bytes(apart, 2, 0), 8);
	assert_int_equal(authres_signature_bytes(same, 4, 0), 10);
	assert_int_equal(authres_signature_bytes(same, 4, 2), 3);
	assert_int_equal(authres_signature_bytes(same, 4, 3), 0);
}

#define OURS    AUTHRES_OURS
#define OTHERS  AUTHRES_OTHERS
#define NOBODYS AUTHRES_NOBODYS

/* Ours are mx.example.org and "gate post". */
static const struct {
	struct slice in;
	enum authres_owner want;
} owners[] = {
    /* plainly ours */
    {SLICE_LIT("mx.example.org; spf=pass"), OURS},
    {SLICE_LIT("mx.example.org"), OURS},
    {SLICE_LIT("mx.example.org;"), OURS},
    {SLICE_LIT("mx.example.org; none"), OURS},
    {SLICE_LIT("MX.Example.ORG; spf=pass"), OURS},
    {SLICE_LIT("mx.example.org 1; spf=pass"), OURS},
    {SLICE_LIT("mx.example.org/1; spf=pass"), OURS},
    {SLICE_LIT(" mx.example.org ; spf=pass"), OURS},
    {SLICE_LIT("\r\n\tmx.example.org\r\n\t; spf=pass"), OURS},
    {SLICE_LIT("gate post; spf=pass"), OURS},
    {SLICE_LIT("\"gate post\"; spf=pass"), OURS},
    /* so that some reader takes them for ours */
    {SLICE_LIT("mx.example.org.; spf=pass"), OURS},
    {SLICE_LIT("\"mx.example.org\"; spf=pass"), OURS},
    {SLICE_LIT("\"mx.exam\\ple.org\"; spf=pass"), OURS},
    {SLICE_LIT("mx.\"example\".org; spf=pass"), OURS},
    {SLICE_LIT("\"mx.example.org; spf=pass"), OURS},
    {SLICE_LIT("mx.example.org\"; spf=pass"), OURS},
    {SLICE_LIT("(a comment) mx.example.org; spf=pass"), OURS},
    {SLICE_LIT("(a (nested;=) \\) one)mx.example.org(b); spf=pass"), OURS},
    {SLICE_LIT("mx.example.org(b) 1 (c); spf=pass"), OURS},
    {SLICE_LIT("mx.(x)example.org; spf=pass"), OURS},
    {SLICE_LIT("(mx.example.org; spf=pass"), OURS},
    {SLICE_LIT("(mx.example.org); spf=pass"), OURS},
    {SLICE_LIT("mx.example.org spf=pass"), OURS},
    {SLICE_LIT("mx.example.org=x; spf=pass"), OURS},
    {SLICE_LIT("mx.example.org, spf=pass"), OURS},
    {SLICE_LIT("v1 mx.example.org; spf=pass"), OURS},
    {SLICE_LIT("<mx.example.org>; spf=pass"), OURS},
    {SLICE_LIT("mx.exa\0mple.org; spf=pass"), OURS},
    {SLICE_LIT("mx.example.org\0.evil.example; spf=pass"), OURS},
    {SLICE_LIT("\x01mx.example.org\x7f; spf=pass"), OURS},
    {SLICE_LIT("\xef\xbd\x8d\xef\xbd\x98.example.org; spf=pass"), OURS},
    {SLICE_LIT("mx\xe3\x80\x82"
	       "example.org; spf=pass"),
	OURS},
    /* no id */
    {SLICE_LIT(""), NOBODYS},
    {{NULL, 0}, NOBODYS},
    {SLICE_LIT(" \r\n "), NOBODYS},
    {SLICE_LIT(";"), NOBODYS},
    {SLICE_LIT("; spf=pass"), NOBODYS},
    {SLICE_LIT("(x); spf=pass"), NOBODYS},
    {SLICE_LIT("\"\"; spf=pass"), NOBODYS},
    {SLICE_LIT("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=mx.example.org;"), NOBODYS},
    {SLICE_LIT("spf = pass"), NOBODYS},
    {SLICE_LIT("=?us-ascii?Q?mx.example.org?=; spf=pass"), NOBODYS},
    /* others' */
    {SLICE_LIT("evil.mx.example.org; spf=pass"), OTHERS},
    {SLICE_LIT("mx.example.org.evil.example; spf=pass"), OTHERS},
    {SLICE_LIT("notmx.example.org; spf=pass"), OTHERS},
    {SLICE_LIT("mx.example.orgs; spf=pass"), OTHERS},
    {SLICE_LIT("example.org; spf=pass"), OTHERS},
    {SLICE_LIT("gate; spf=pass"), OTHERS},
    {SLICE_LIT("mx.example.net; spf=pass smtp.helo=mx.example.org"), OTHERS},
    {SLICE_LIT("mx.example.net (for mx.example.org); spf=pass"), OTHERS},
    {SLICE_LIT("example/net; dkim=pass"), OTHERS},
    {SLICE_LIT("i=1; mx.google.com; spf=pass"), NOBODYS},
};

static void
test_owner(void **state)
{
	const struct slice ids[] = {SLICE_LIT("mx.example.org"), SLICE_LIT("gate post")};

	(void)state;
	for (size_t i = 0; i < COUNT(owners); i++) {
		print_message("  %.*s\n", SLICE_ARG(owners[i].in));
		assert_int_equal(authres_owner(owners[i].in, ids, COUNT(ids)), owners[i].want);
	}
	assert_int_equal(authres_owner(owners[0].in, NULL, 0), AUTHRES_OTHERS);
}

/* Comments may be as long as they like; words not. */
static void
test_owner_bounds(void **state)
{
	static char text[100 * 1000];
	const struct slice id = SLICE_LIT("mx.example.org");

	(void)state;
	memset(text, 'x', sizeof(text));
	text[0] = '(';
	memcpy(text + sizeof(text) - 17, ") mx.example.org;", 17);
	assert_int_equal(authres_owner(slice_make(text, sizeof(text)), &id, 1), AUTHRES_OURS);
	text[0] = 'x';
	assert_int_equal(authres_owner(slice_make(text, sizeof(text)), &id, 1), AUTHRES_NOBODYS);
	memset(text, '(', sizeof(text));
	assert_int_equal(authres_owner(slice_make(text, sizeof(text)), &id, 1), AUTHRES_NOBODYS);
}

/* What we write, we know again. */
static void
test_own(void **state)
{
	static const char *const ids[] = {"mx.example.org", "gate post", "a\"b\\c", "x@y/z"};

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		const struct slice id = slice_of(ids[i]);

		begin(ids[i]);
		authres_method(&w, "spf", "pass");
		assert_int_equal(authres_owner(slice_of(authres_end(&w)), &id, 1), AUTHRES_OURS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_none),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_comment_and_reason),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_over),
	    cmocka_unit_test(test_methods),
	    cmocka_unit_test(test_signature_bytes),
	    cmocka_unit_test(test_owner),
	    cmocka_unit_test(test_owner_bounds),
	    cmocka_unit_test(test_own),
	};

	return cmocka_run_group_tests_name("authres", tests, NULL, NULL);
}
