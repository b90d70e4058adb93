/*
 * test_orgdomain.c - lib/auth/orgdomain, by the list that libpsl has built in.
 */
#include "auth/orgdomain.h"

#include "policy/dns_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libpsl.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	struct slice in;
	const char *want; /* NULL: none */
} rows[] = {
    {SLICE_LIT("example.com"), "example.com"},
    {SLICE_LIT("a.b.Example.COM."), "example.com"},
    {SLICE_LIT("mail.example.co.uk"), "example.co.uk"},
    {SLICE_LIT("a.b.c.kobe.jp"), "b.c.kobe.jp"},                  /* *.kobe.jp */
    {SLICE_LIT("a.city.kobe.jp"), "city.kobe.jp"},                /* !city.kobe.jp */
    {SLICE_LIT("mail.alice.blogspot.com"), "alice.blogspot.com"}, /* the list's private part */
    {SLICE_LIT("a.b.unknown-tld"), "b.unknown-tld"},
    {SLICE_LIT("www.\xe5\x85\xac\xe5\x8f\xb8.cn"), "www.xn--55qx5d.cn"},
    {SLICE_LIT("a.www.XN--55qx5d.cn"), "www.xn--55qx5d.cn"},
    {SLICE_LIT("com"), NULL},
    {SLICE_LIT("co.uk."), NULL},
    {SLICE_LIT("xn--55qx5d.cn"), NULL},
    {SLICE_LIT("localhost"), NULL},
    {SLICE_LIT(""), NULL},
    {SLICE_LIT(".example.com"), NULL},
    {SLICE_LIT("a..example.com"), NULL},
    {SLICE_LIT("[192.0.2.1]"), NULL},
    {SLICE_LIT("a.\xff.com"), NULL},
};

static void
test_of(void **state)
{
	char storage[DNS_NAME_MAX_BYTES + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf got = BUF_OVER(storage);
		int status = orgdomain_of(i % 2 == 0 ? NULL : psl_builtin(), rows[i].in, &got);

		print_message("  %.*s\n", SLICE_ARG(rows[i].in));
		assert_int_equal(status, rows[i].want == NULL ? -1 : 0);
		if (rows[i].want != NULL)
			assert_string_equal(buf_text(&got), rows[i].want);
	}
}

static void
test_no_room(void **state)
{
	char storage[10];
	struct buf out = BUF_OVER(storage);

	(void)state;
	assert_int_equal(orgdomain_of(NULL, slice_of("a.example.com"), &out), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_of),
	    cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests_name("orgdomain", tests, NULL, NULL);
}
