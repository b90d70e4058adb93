/*
 * test_dns_cache.c - lib/io/dns_cache.
 */
#include "io/dns_cache.h"

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint64_t secret[2] = {1, 2};

static struct dns_answer
answer_of(enum dns_status status)
{
	return (struct dns_answer){.status = status};
}

/* Adds and settles; the reference is given back. */
static void
put(struct dns_cache *cache, const char *name, enum dns_type type, int64_t until_ms)
{
	struct dns_entry *entry = dns_cache_add(cache, slice_of(name), type, 0);
	struct dns_answer answer = answer_of(DNS_NODATA);

	assert_non_null(entry);
	dns_cache_settle(cache, entry, &answer, 0, until_ms);
	dns_entry_release(entry);
}

static bool
has(struct dns_cache *cache, const char *name, enum dns_type type, int64_t now_ms)
{
	struct dns_entry *entry = dns_cache_find(cache, slice_of(name), type, now_ms);

	if (entry == NULL)
		return false;
	assert_true(dns_entry_is(entry, slice_of(name), type));
	dns_entry_release(entry);
	return true;
}

static void
test_flight(void **state)
{
	struct dns_cache cache;
	struct dns_answer answer = answer_of(DNS_NXDOMAIN);
	struct dns_entry *a, *b;

	(void)state;
	assert_int_equal(dns_cache_init(&cache, 10, secret, &answer), 0);
	assert_null(dns_cache_find(&cache, slice_of("a"), DNS_A, 0));
	a = dns_cache_add(&cache, slice_of("a"), DNS_A, 5);
	assert_ptr_equal(a->owner, &answer);
	assert_string_equal(a->name, "a");
	/* in flight, it has no end */
	b = dns_cache_find(&cache, slice_of("a"), DNS_A, INT64_MAX);
	assert_ptr_equal(a, b);
	assert_false(b->settled);
	assert_false(has(&cache, "a", DNS_TXT, 0));
	assert_false(has(&cache, "aa", DNS_A, 0));
	assert_int_equal(cache.flight.n, 1);
	dns_cache_settle(&cache, a, &answer, 0, 100);
	assert_int_equal(cache.flight.n, 0);
	assert_int_equal(cache.kept.n, 1);
	assert_int_equal(b->answer.status, DNS_NXDOMAIN);
	dns_entry_release(a);
	dns_entry_release(b);
	dns_cache_fini(&cache);
}

static void
test_time(void **state)
{
	struct dns_cache cache;

	(void)state;
	assert_int_equal(dns_cache_init(&cache, 10, secret, NULL), 0);
	put(&cache, "a", DNS_A, 100);
	assert_true(has(&cache, "a", DNS_A, 99));
	assert_false(has(&cache, "a", DNS_A, 100));
	assert_int_equal(cache.kept.n, 0);
	put(&cache, "a", DNS_A, 300);
	assert_true(has(&cache, "a", DNS_A, 200));
	dns_cache_fini(&cache);
}

/* A reader keeps the answer that the table has dropped. */
static void
test_reader(void **state)
{
	struct dns_cache cache;
	struct dns_answer answer = {.status = DNS_FOUND, .n = 1};
	struct slice *record = malloc(sizeof(*record));
	struct dns_entry *entry;

	(void)state;
	*record = slice_of("x");
	answer.rdata = record;
	assert_int_equal(dns_cache_init(&cache, 10, secret, NULL), 0);
	entry = dns_cache_add(&cache, slice_of("a"), DNS_A, 0);
	dns_cache_settle(&cache, entry, &answer, sizeof(*record), 100);
	assert_false(has(&cache, "a", DNS_A, 100));
	assert_true(slice_eq(entry->answer.rdata[0], slice_of("x")));
	dns_entry_release(entry);
	dns_cache_fini(&cache);
}

static void
test_bounds(void **state)
{
	struct dns_cache cache;
	struct dns_answer answer = answer_of(DNS_FOUND);
	struct dns_entry *entry;
	char name[16];

	(void)state;
	assert_int_equal(dns_cache_init(&cache, 3, secret, NULL), 0);
	put(&cache, "a", DNS_A, 100);
	put(&cache, "b", DNS_A, 100);
	put(&cache, "c", DNS_A, 100);
	assert_true(has(&cache, "a", DNS_A, 0));
	put(&cache, "d", DNS_A, 100);
	assert_int_equal(cache.kept.n, 3);
	assert_true(has(&cache, "a", DNS_A, 0));
	assert_false(has(&cache, "b", DNS_A, 0));
	/* what is in flight is not counted, and does not go */
	entry = dns_cache_add(&cache, slice_of("e"), DNS_A, 0);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		put(&cache, name, DNS_A, 100);
	}
	assert_true(has(&cache, "e", DNS_A, 0));
	assert_int_equal(cache.kept.n, 3);
	/* one that is too long is for its readers only */
	dns_cache_settle(&cache, entry, &answer, DNS_CACHE_ANSWER_BYTES + 1, 100);
	assert_false(has(&cache, "e", DNS_A, 0));
	assert_int_equal(entry->answer.status, DNS_FOUND);
	dns_entry_release(entry);
	dns_cache_fini(&cache);
}

/* Keeping nothing; many buckets; entries in flight at the end. */
static void
test_sizes(void **state)
{
	struct dns_cache cache;
	char name[16];

	(void)state;
	assert_int_equal(dns_cache_init(&cache, 0, secret, NULL), 0);
	put(&cache, "a", DNS_A, 100);
	assert_false(has(&cache, "a", DNS_A, 0));
	dns_cache_fini(&cache);

	assert_int_equal(dns_cache_init(&cache, 5000, secret, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		if (i % 10 == 0)
			dns_entry_release(dns_cache_add(&cache, slice_of(name), DNS_A, 0));
		else
			put(&cache, name, DNS_A, 100);
	}
	assert_int_equal(cache.kept.n, 5000);
	assert_int_equal(cache.flight.n, 2000);
	assert_true(has(&cache, "n19999", DNS_A, 0));
	assert_true(has(&cache, "n0", DNS_A, 0));
	assert_false(has(&cache, "n1", DNS_A, 0));
	dns_cache_fini(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_flight),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_reader),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
