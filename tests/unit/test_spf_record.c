/*
 * test_spf_record.c - lib/auth/spf_record: what is a record, and what is in it.
 */
#include "auth/spf_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define X50          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X500         X50 X50 X50 X50 X50 X50 X50 X50 X50 X50

struct is_row {
	const char *text;
	bool want;
};

static const struct is_row is_rows[] = {
    {"v=spf1", true},
    {"v=spf1 -all", true},
    {"V=SpF1 -all", true},
    {"v=spf10 -all", false},
    {"v=spf1\t-all", false},
    {"v=spf1.", false},
    {" v=spf1 -all", false},
    {"v=spf", false},
    {"", false},
};

static void
test_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(is_rows); i++) {
		print_message("%s\n", is_rows[i].text);
		assert_int_equal(spf_record_is(slice_of(is_rows[i].text)), is_rows[i].want);
	}
}

struct row {
	const char *terms;
	const char *want; /* terms as the parser understands them; NULL: refused */
};

/* mechanism, its number as in the enum: qualifier spec/bits4//bits6 network */
static const struct row rows[] = {
    {"", ""},
    {"   ", ""},
    {"all", "0+ /32//128;"},
    {"-ALL", "0- /32//128;"},
    {"~all ?all", "0~ /32//128;0? /32//128;"},
    {"include:a.example", "1+a.example/32//128;"},
    {"a", "2+ /32//128;"},
    {"a/24", "2+ /24//128;"},
    {"a//64", "2+ /32//64;"},
    {"a/0//0", "2+ /0//0;"},
    {"a:b.example/24//64", "2+b.example/24//64;"},
    {"a:foo:bar/baz.example/8", "2+foo:bar/baz.example/8//128;"},
    {"mx:%{d}/24", "3+%{d}/24//128;"},
    {"-ptr", "4- /32//128;"},
    {"ptr:a.example.", "4+a.example./32//128;"},
    {"ip4:192.0.2.1", "5+ /32//128 192.0.2.1;"},
    {"ip4:192.0.2.0/24", "5+ /24//128 192.0.2.0;"},
    {"ip6:2001:db8::/32", "6+ /32//32 2001:db8::;"},
    {"ip6:::ffff:192.0.2.1", "6+ /32//128 192.0.2.1;"},
    {"exists:%{ir}.a.example", "7+%{ir}.a.example/32//128;"},
    {"redirect=a.example", "r a.example;"},
    {"exp=a.example a", "2+ /32//128;x a.example;"},
    {"moo=man:dog/cat%{c}%_", ""},
    {"redirect_=", ""},
    /* refused */
    {"all.", NULL},
    {"all:a.example", NULL},
    {"all/8", NULL},
    {"include", NULL},
    {"include:", NULL},
    {"include:a.example/24", NULL},
    {"a:", NULL},
    {"a:a", NULL},
    {"a:a.", NULL},
    {"a:111.222.33.44", NULL},
    {"a:a.-com", NULL},
    {"a:a.com-", NULL},
    {"a:a.example:80", NULL},
    {"a/33", NULL},
    {"a/024", NULL},
    {"a/", NULL},
    {"a//129", NULL},
    {"a/24/64", NULL},
    {"a//64/24", NULL},
    {"a:%{x}.example", NULL},
    {"a:%{d0}.example", NULL},
    {"a:%{d", NULL},
    {"a:%{c}.example", NULL},
    {"a:%a.example", NULL},
    {"a:%{d}x", NULL},
    {"a:" X500 X50 ".example", NULL},
    {"ptr/0", NULL},
    {"ip4", NULL},
    {"ip4:", NULL},
    {"ip4:1.2.3", NULL},
    {"ip4:1.2.3.4/33", NULL},
    {"ip4:1.2.3.4//32", NULL},
    {"ip4:2001:db8::1", NULL},
    {"ip4:::ffff:1.2.3.4", NULL},
    {"ip6:1.2.3.4", NULL},
    {"ip6:IPv6:2001:db8::1", NULL},
    {"ip6:2001:db8::1/129", NULL},
    {"exists", NULL},
    {"moo", NULL},
    {"--all", NULL},
    {"+", NULL},
    {":a.example", NULL},
    {"=all", NULL},
    {"1up=foo", NULL},
    {"-exp=a.example", NULL},
    {"exp=", NULL},
    {"exp=a", NULL},
    {"exp=a.example exp=b.example", NULL},
    {"redirect=a.example redirect=a.example", NULL},
    {"foo=%abc", NULL},
    {"a\tmx", NULL},
    {"a \x80"
     "all",
	NULL},
    {"a:\xef\xbb\xbfgarbage.example", NULL},
};

static void
record_format(struct buf *out, const struct spf_record *record)
{
	static const char signs[] = {
	    [SPF_PASS] = '+', [SPF_FAIL] = '-', [SPF_SOFTFAIL] = '~', [SPF_NEUTRAL] = '?'};
	struct slice terms = record->terms;
	struct spf_term term;

	while (spf_term_next(&terms, &term)) {
		buf_add_format(out, "%d%c%.*s", (int)term.mechanism, signs[term.qualifier],
		    SLICE_ARG(term.spec.n > 0 ? term.spec : slice_of(" ")));
		buf_add_format(out, "/%u//%u", term.bits4, term.bits6);
		if (term.network.family != NET_NONE)
			buf_add_char(out, ' ');
		net_addr_format(out, &term.network);
		buf_add_char(out, ';');
	}
	if (record->redirect.n > 0)
		buf_add_format(out, "r %.*s;", SLICE_ARG(record->redirect));
	if (record->exp.n > 0)
		buf_add_format(out, "x %.*s;", SLICE_ARG(record->exp));
}

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text_bytes[1000], got_bytes[1000];
		struct buf text = BUF_OVER(text_bytes);
		struct buf got = BUF_OVER(got_bytes);
		struct spf_record record;
		struct err err = {.code = ERR_NONE};

		print_message("%s\n", rows[i].terms);
		buf_add_format(&text, "v=spf1 %s", rows[i].terms);
		if (rows[i].want == NULL) {
			assert_int_equal(spf_record_parse(buf_slice(&text), &record, &err), -1);
			assert_int_equal(err.code, ERR_INVALID);
			for (const char *c = err.text; *c != '\0'; c++)
				assert_true(*c >= ' ' && *c <= '~');
			continue;
		}
		assert_int_equal(spf_record_parse(buf_slice(&text), &record, &err), 0);
		record_format(&got, &record);
		assert_string_equal(buf_text(&got), rows[i].want);
	}
}

/* A NUL is a byte like another. */
static void
test_nul(void **state)
{
	static const struct slice text = SLICE_LIT("v=spf1 a:a.example\0");
	struct spf_record record;
	struct err err;

	(void)state;
	assert_int_equal(spf_record_parse(text, &record, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_is),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
