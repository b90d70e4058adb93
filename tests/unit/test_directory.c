/*
 * test_directory.c - web/directory.c.
 */
#include "web/directory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* By name, as in a book; the ids are in another order. */
static const struct account accounts[] = {
    {.name = "a", .id = 900, .track_domain = "click.a.example"},
    {.name = "b", .id = 5, .track_domain = "B.example:8443"},
    {.name = "c", .id = UINT64_C(0xffffffffffff), .track_domain = ""},
    {.name = "d", .id = 17, .track_domain = "b.EXAMPLE"},
    {.name = "e", .id = 16, .track_domain = "[2001:db8::1]:80"},
};

static const struct account *book_v[COUNT(accounts)];

static struct account_book
book_of(size_t n)
{
	for (size_t i = 0; i < COUNT(accounts); i++)
		book_v[i] = &accounts[i];
	return (struct account_book){.v = book_v, .n = n};
}

static void
test_find(void **state)
{
	static const uint64_t strangers[] = {0, 4, 6, 15, 18, 899, 901, UINT64_MAX};

	(void)state;
	for (size_t n = 0; n <= COUNT(accounts); n++) {
		struct account_book book = book_of(n);
		struct directory d;

		assert_int_equal(directory_make(&d, &book), 0);
		for (size_t i = 0; i < COUNT(accounts); i++) {
			const struct account *want = i < n ? &accounts[i] : NULL;

			if (directory_find(&d, accounts[i].id) != want)
				fail_msg("%s of %zu", accounts[i].name, n);
		}
		for (size_t i = 0; i < COUNT(strangers); i++)
			assert_null(directory_find(&d, strangers[i]));
		directory_free(&d);
		assert_null(directory_find(&d, 5));
	}
}

static void
test_allows(void **state)
{
	static const struct {
		const char *host;
		const char *who; /* may use it, of all */
	} rows[] = {
	    {"", "abcde"},
	    {"click.a.example", "a"},
	    {"CLICK.A.Example", "a"},
	    {"b.example", "bd"},
	    {"B.EXAMPLE", "bd"},
	    {"[2001:db8::1]", "e"},
	    {"[2001:DB8::1]", "e"},
	    {"192.0.2.1", "abcde"},
	    {"gone.example", "abcde"},
	    {"b.exampl", "abcde"},
	    {"b.examplex", "abcde"},
	    {"a.example", "abcde"},
	    {"zz.example", "abcde"},
	};
	struct account_book book = book_of(COUNT(accounts));
	struct directory d;

	(void)state;
	assert_int_equal(directory_make(&d, &book), 0);
	assert_int_equal(d.nhosts, 3); /* each once, whatever its case and port */
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t k = 0; k < COUNT(accounts); k++) {
			bool want = strchr(rows[i].who, accounts[k].name[0]) != NULL;

			if (directory_allows(&d, &accounts[k], slice_of(rows[i].host)) != want)
				fail_msg("%s at \"%s\"", accounts[k].name, rows[i].host);
		}
	}
	directory_free(&d);
}

/* Nobody has a track domain: any host will do. */
static void
test_none(void **state)
{
	static const struct account plain = {.name = "c", .id = 3, .track_domain = ""};
	static const struct account *const one[] = {&plain};
	struct account_book book = {.v = one, .n = 1};
	struct directory d;

	(void)state;
	assert_int_equal(directory_make(&d, &book), 0);
	assert_int_equal(d.nhosts, 0);
	assert_true(directory_allows(&d, &plain, slice_of("any.example")));
	directory_free(&d);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_allows),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
