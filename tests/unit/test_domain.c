/*
 * test_domain.c - lib/auth/domain.
 */
#include "auth/domain.h"

#include "policy/dns_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
	struct slice in;
	const char *want; /* NULL: no name */
} rows[] = {
    {SLICE_LIT("example.com"), "example.com"},
    {SLICE_LIT("Mail.EXAMPLE.com."), "mail.example.com"},
    {SLICE_LIT("_dmarc.my_host.example"), "_dmarc.my_host.example"},
    {SLICE_LIT("com"), "com"},
    {SLICE_LIT("B\xc3\xbc"
	       "cher.example"),
	"xn--bcher-kva.example"},
    {SLICE_LIT("b\xc3\x9c"
	       "cher.example"),
	"xn--bcher-kva.example"},
    {SLICE_LIT("XN--bcher-kva.example"), "xn--bcher-kva.example"},
    {SLICE_LIT("example\xe3\x80\x82"
	       "com"),
	"example.com"},
    {SLICE_LIT("\xef\xbd\x85xample.com"), "example.com"},
    {SLICE_LIT(L63 ".example"), L63 ".example"},
    {SLICE_LIT(L63 "x.example"), NULL},
    {SLICE_LIT(L63 "." L63 "." L63 "." L63), NULL},
    {SLICE_LIT(""), NULL},
    {{NULL, 0}, NULL},
    {SLICE_LIT("."), NULL},
    {SLICE_LIT(".example.com"), NULL},
    {SLICE_LIT("a..b"), NULL},
    {SLICE_LIT("a.b.."), NULL},
    {SLICE_LIT("[192.0.2.1]"), NULL},
    {SLICE_LIT("a b.example"), NULL},
    {SLICE_LIT("a'b.example"), NULL},
    {SLICE_LIT("a\0.example"), NULL},
    {SLICE_LIT("b\xc3\xa4\0.example"), NULL},
    {SLICE_LIT("b\xe4nk.example"), NULL},
    {SLICE_LIT("bank\xc2\xa0.example"), NULL},
};

static void
test_normalise(void **state)
{
	char storage[DNS_NAME_MAX_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf got = BUF_OVER(storage);
		int status = domain_normalise(rows[i].in, &got);

		print_message("  %.*s\n", SLICE_ARG(rows[i].in));
		assert_int_equal(status, rows[i].want == NULL ? -1 : 0);
		if (rows[i].want != NULL)
			assert_string_equal(buf_text(&got), rows[i].want);
	}
}

static void
test_labels(void **state)
{
	static const char *const tails[] = {"a.bc.d", "d", "bc.d", "a.bc.d", "a.bc.d"};
	const struct slice name = slice_of("a.bc.d");

	(void)state;
	assert_int_equal(domain_labels(slice_of("")), 0);
	assert_int_equal(domain_labels(slice_of("com")), 1);
	assert_int_equal(domain_labels(name), 3);
	for (size_t keep = 1; keep < COUNT(tails); keep++)
		assert_true(slice_eq(domain_tail(name, keep), slice_of(tails[keep])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_normalise),
	    cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
