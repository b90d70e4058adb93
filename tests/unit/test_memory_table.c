/*
 * test_memory_table.c - lib/io/memory_table.
 */
#include "io/memory_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const uint64_t secret[2] = {1, 2};

static struct slice
key_of(int i)
{
	static char text[16];

	(void)snprintf(text, sizeof(text), "key%d", i);
	return slice_of(text);
}

static void
test_find_and_make(void **state)
{
	struct memory_table table;

	(void)state;
	memory_table_init(&table, 10, secret);
	assert_null(memory_table_find(&table, key_of(1)));
	assert_int_equal(memory_table_make(&table, key_of(1))->until_s, 0);
	memory_table_make(&table, key_of(1))->until_s = 11;
	memory_table_make(&table, key_of(2))->until_s = 22;
	memory_table_make(&table, slice_make("key1\0", 5))->until_s = 33;
	assert_int_equal(memory_table_find(&table, key_of(1))->until_s, 11);
	assert_int_equal(memory_table_find(&table, key_of(2))->until_s, 22);
	assert_null(memory_table_find(&table, slice_make("key", 3)));
	assert_int_equal(table.n, 3);
	memory_table_fini(&table);
}

static void
test_bound(void **state)
{
	struct memory_table table;

	(void)state;
	memory_table_init(&table, 100, secret);
	for (int i = 0; i < 1000; i++) {
		memory_table_make(&table, key_of(i))->until_s = i;
		assert_non_null(memory_table_find(&table, key_of(0))); /* in use: stays */
		assert_true(table.n <= 100);
	}
	assert_int_equal(table.n, 100);
	for (int i = 1; i < 1000; i++) {
		union memory_record *record = memory_table_find(&table, key_of(i));

		assert_int_equal(record != NULL, i > 900);
		assert_true(record == NULL || record->until_s == i);
	}
	memory_table_fini(&table);
}

static void
test_smallest(void **state)
{
	struct memory_table table;

	(void)state;
	memory_table_init(&table, 1, secret);
	for (int i = 0; i < 10; i++) {
		assert_non_null(memory_table_make(&table, key_of(i)));
		assert_int_equal(table.n, 1);
		assert_null(memory_table_find(&table, key_of(i - 1)));
	}
	memory_table_fini(&table);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find_and_make),
	    cmocka_unit_test(test_bound),
	    cmocka_unit_test(test_smallest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
