/*
 * test_key_table.c - lib/auth/key_table.
 */
#include "auth/key_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Never looked into: which one it is does not matter, only that it is there. */
static const char key_there;
#define KEY ((const struct sign_key *)(const void *)&key_there)

static struct key_entry entries[] = {
    {"shop.example", "s2", KEY, NULL, "", "s3", 300},
    {"shop.example", "s1", KEY, NULL, "", "s2", 200},
    {"shop.example", "s3", KEY, NULL, "", NULL, 0},
    {"bad.example", "a", KEY, NULL, "", "b", 200}, /* b cannot be used, but c, which follows it */
    {"bad.example", "b", NULL, "damaged", NULL, "c", 300},
    {"bad.example", "c", KEY, NULL, "", "nobody", 400},
    {"gone.example", "old", NULL, "missing", NULL, "new", 200},
    {"gone.example", "new", KEY, NULL, "", NULL, 0},
    {"ring.example", "a", KEY, NULL, "", "b", 200},
    {"ring.example", "b", KEY, NULL, "", "a", 200},
    {"self.example", "a", KEY, NULL, "", "a", 200},
    {"long.example", "c0", KEY, NULL, "", "c1", 0},
    {"long.example", "c1", KEY, NULL, "", "c2", 0},
    {"long.example", "c2", KEY, NULL, "", "c3", 0},
    {"long.example", "c3", KEY, NULL, "", "c4", 0},
    {"long.example", "c4", KEY, NULL, "", "c5", 0},
    {"long.example", "c5", KEY, NULL, "", "c6", 0},
    {"long.example", "c6", KEY, NULL, "", "c7", 0},
    {"long.example", "c7", KEY, NULL, "", "c8", 0},
    {"long.example", "c8", KEY, NULL, "", "c9", 0},
    {"long.example", "c9", KEY, NULL, "", NULL, 0},
    {"shop.example.net", "s1", KEY, NULL, "", NULL, 0},
    {"a.shop.example", "s1", KEY, NULL, "", NULL, 0},
};

static const struct {
	const char *domain, *selector;
	int64_t now_s;
	const char *want; /* NULL: none */
} rows[] = {
    {"shop.example", "s1", 199, "s1"},
    {"shop.example", "s1", 200, "s2"}, /* at that second */
    {"shop.example", "s1", 299, "s2"},
    {"shop.example", "s1", 300, "s3"},
    {"shop.example", "s2", 200, "s2"},
    {"shop.example", "s3", 999, "s3"},
    {"SHOP.example", "S1", 0, "s1"},
    {"shop.example", "s", 0, NULL},
    {"shop.example", "s11", 0, NULL},
    {"shop.exampl", "s1", 0, NULL},
    {"shop.example.ne", "s1", 0, NULL},
    {"shop.example.net", "s1", 0, "s1"},
    {"", "", 0, NULL},
    {"bad.example", "a", 200, "a"},
    {"bad.example", "a", 300, "c"},
    {"bad.example", "a", 400, "c"}, /* nobody is not there */
    {"bad.example", "b", 0, "b"},
    {"gone.example", "old", 199, "old"},
    {"gone.example", "old", 200, "new"},
    {"ring.example", "a", 199, "a"},
    {"ring.example", "a", 200, "b"},
    {"ring.example", "b", 200, "a"},
    {"self.example", "a", 200, "a"},
    {"long.example", "c0", 0, "c8"}, /* KEY_TABLE_HOPS_MAX */
    {"long.example", "c1", 0, "c9"},
};

static void
found(void **state)
{
	struct key_table table;

	(void)state;
	key_table_init(&table, entries, COUNT(entries));
	assert_int_equal(table.n, COUNT(entries));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct key_entry *entry = key_table_find(
		    &table, slice_of(rows[i].domain), slice_of(rows[i].selector), rows[i].now_s);
		const char *got = entry == NULL ? NULL : entry->selector;

		if ((got == NULL) != (rows[i].want == NULL) ||
		    (got != NULL && strcmp(got, rows[i].want) != 0))
			fail_msg("%s of %s at %lld: got %s", rows[i].selector, rows[i].domain,
			    (long long)rows[i].now_s, got == NULL ? "none" : got);
	}
}

static void
empty(void **state)
{
	struct key_table table;

	(void)state;
	key_table_init(&table, NULL, 0);
	assert_null(key_table_find(&table, slice_of("shop.example"), slice_of("s1"), 0));
}

static const struct {
	const char *text;
	const char *selector; /* NULL: refused */
	int64_t at_s;
} nexts[] = {
    {"s2 1970-01-02T00:00:00Z\n", "s2", 86400},
    {"  s-2.x\t1970-01-02T00:00:00Z", NULL, 0},
    {"s-2.x   1970-01-02T00:00:00Z  \r\n", "s-2.x", 86400},
    {"", NULL, 0},
    {"s2", NULL, 0},
    {"s2 tomorrow", NULL, 0},
    {"s2 1970-01-02T00:00:00Z\ns3 1970-01-02T00:00:00Z\n", NULL, 0},
    {"S2 1970-01-02T00:00:00Z\n", NULL, 0},
    {"../s2 1970-01-02T00:00:00Z\n", NULL, 0},
    {".s2 1970-01-02T00:00:00Z\n", NULL, 0},
};

static void
next_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(nexts); i++) {
		struct key_next next;
		struct err err = {ERR_NONE, ""};
		int status = key_next_parse(slice_of(nexts[i].text), &next, &err);

		if ((status == 0) != (nexts[i].selector != NULL))
			fail_msg("\"%s\": %d %s", nexts[i].text, status, err.text);
		if (status != 0)
			continue;
		assert_true(slice_eq(next.selector, slice_of(nexts[i].selector)));
		assert_int_equal(next.at_s, nexts[i].at_s);
	}
}

static void
next_written(void **state)
{
	char storage[KEY_NEXT_MAX_BYTES];
	struct buf out = BUF_OVER(storage);
	const struct key_next next = {SLICE_LIT("s2027"), 86401};
	struct key_next back;

	(void)state;
	key_next_format(&next, &out);
	assert_string_equal(buf_text(&out), "s2027 1970-01-02T00:00:01Z\n");
	assert_int_equal(key_next_parse(buf_slice(&out), &back, NULL), 0);
	assert_int_equal(back.at_s, next.at_s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(found),
	    cmocka_unit_test(empty),
	    cmocka_unit_test(next_read),
	    cmocka_unit_test(next_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
