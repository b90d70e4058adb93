/*
 * test_spf_macro.c - lib/auth/spf_macro: the examples of RFC 7208 section 7.4, and the edges.
 */
#include "auth/spf_macro.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct row {
	const char *text;
	const char *want;
	const char *client; /* NULL: 192.0.2.3 */
};

static const struct row rows[] = {
    {"%{s}", "strong-bad@email.example.com", NULL},
    {"%{o}", "email.example.com", NULL},
    {"%{d}", "email.example.com", NULL},
    {"%{d4}", "email.example.com", NULL},
    {"%{d3}", "email.example.com", NULL},
    {"%{d2}", "example.com", NULL},
    {"%{d1}", "com", NULL},
    {"%{dr}", "com.example.email", NULL},
    {"%{d2r}", "example.email", NULL},
    {"%{d1r}", "email", NULL},
    {"%{d9999999999999r}", "com.example.email", NULL},
    {"%{l}", "strong-bad", NULL},
    {"%{l-}", "strong.bad", NULL},
    {"%{lr}", "strong-bad", NULL},
    {"%{lr-}", "bad.strong", NULL},
    {"%{l1r-}", "strong", NULL},
    {"%{l1-}", "bad", NULL},
    {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com", NULL},
    {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com", NULL},
    {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com", NULL},
    {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net", NULL},
    {"%{ir}.%{v}._spf.%{d2}",
	"1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com",
	"2001:db8::cb01"},
    {"%{c}", "192.0.2.3", NULL},
    {"%{C}", "2001%3Adb8%3A%3Acb01", "2001:db8::cb01"},
    {"%{S}", "strong-bad%40email.example.com", NULL},
    {"%{p}", "unknown", NULL},
    {"%{r}", "unknown", NULL},
    {"%{h}", "mx.example.org", NULL},
    {"%{t}", "1234567890", NULL},
    {"%%%_%-", "% %20", NULL},
    {"", "", NULL},
    {"plain text", "plain text", NULL},
    {"%{s.@-}", NULL, NULL},
    {"%{lr+-=}x", "bad.strongx", NULL},
    {"%{h3rx}", NULL, NULL},
    {"%", NULL, NULL},
    {"%{", NULL, NULL},
    {"%{d", NULL, NULL},
    {"%{d}%", NULL, NULL},
    {"%{z}", NULL, NULL},
    {"%{0}", NULL, NULL},
    {"%{d0}", NULL, NULL},
    {"tab\t", NULL, NULL},
    {"\xc3\xa4", NULL, NULL},
};

static void
test_expand(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *client = rows[i].client == NULL ? "192.0.2.3" : rows[i].client;
		char storage[200];
		struct buf out = BUF_OVER(storage);
		struct net_addr addr;
		struct spf_macros macros = {
		    .local = slice_of("strong-bad"),
		    .sender_domain = slice_of("email.example.com"),
		    .domain = slice_of("email.example.com"),
		    .helo = slice_of("mx.example.org"),
		    .client = &addr,
		    .now_s = 1234567890,
		};
		int status;

		print_message("%s\n", rows[i].text);
		assert_int_equal(net_addr_parse(slice_of(client), &addr), 0);
		assert_int_equal(
		    spf_macro_is_string(slice_of(rows[i].text), true), rows[i].want != NULL);
		status = spf_macro_expand(&macros, slice_of(rows[i].text), &out);
		assert_int_equal(status, rows[i].want == NULL ? -1 : 0);
		if (rows[i].want != NULL)
			assert_string_equal(buf_text(&out), rows[i].want);
	}
}

/* What does not fit is an error, and not a part of a name. */
static void
test_over(void **state)
{
	char storage[10];
	struct buf out = BUF_OVER(storage);
	struct net_addr addr = {.family = NET_IPV4};
	struct spf_macros macros = {.domain = slice_of("example.com"), .client = &addr};

	(void)state;
	assert_int_equal(spf_macro_expand(&macros, slice_of("%{d1}"), &out), 0);
	assert_int_equal(spf_macro_expand(&macros, slice_of("%{d}"), &out), -1);
}

struct uses_row {
	const char *text;
	char letter;
	bool want;
};

static const struct uses_row uses_rows[] = {
    {"%{p}", 'p', true},
    {"a.%{P2r}.example", 'p', true},
    {"p.%{d}.example", 'p', false},
    {"%%{p}", 'p', false},
};

static void
test_uses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(uses_rows); i++)
		assert_int_equal(spf_macro_uses(slice_of(uses_rows[i].text), uses_rows[i].letter),
		    uses_rows[i].want);
}

struct spec_row {
	const char *text;
	bool want;
};

static const struct spec_row spec_rows[] = {
    {"a.example", true},
    {"a.example.", true},
    {"%{d}", true},
    {"a%%", true},
    {"%{d}.example", true},
    {"a.1-2", true},
    {"a.xn--zckzah", true},
    {"", false},
    {"example", false},
    {".", false},
    {"%{d}.", false},
    {"%{d}example", false},
    {"a.123", false},
    {"a.b c", false},
    {"%{c}.example", false},
    {"%{r}", false},
    {"%{t}", false},
};

static void
test_domain_spec(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spec_rows); i++) {
		print_message("%s\n", spec_rows[i].text);
		assert_int_equal(
		    spf_macro_is_domain_spec(slice_of(spec_rows[i].text)), spec_rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_expand),
	    cmocka_unit_test(test_over),
	    cmocka_unit_test(test_uses),
	    cmocka_unit_test(test_domain_spec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
