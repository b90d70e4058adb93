/*
 * test_store_zones.c - lib/io/store_zones.
 */
#include "io/store_zones.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct dnsbl_note
note_make(int i, const char *state)
{
	struct dnsbl_note note = {.state = state, .added = {1, 2, 3, 4, 5}};

	(void)snprintf(note.name, sizeof(note.name), "%d.example", i);
	return note;
}

static void
test_put_take(void **state)
{
	static struct store_zones zones;
	struct dnsbl_note note = note_make(1, "ok"), got;

	(void)state;
	store_zones_init(&zones);
	assert_false(store_zones_used(&zones));
	assert_false(store_zones_take(&zones, &got));
	store_zones_put(&zones, &note);
	note.state = "suspended";
	store_zones_put(&zones, &note);
	note.state = NULL;
	store_zones_put(&zones, &note);
	assert_true(store_zones_used(&zones));
	assert_true(store_zones_take(&zones, &got));
	assert_string_equal(got.state, "suspended");
	assert_int_equal(got.added.asked, 3);
	assert_int_equal(got.added.listed, 6);
	assert_int_equal(got.added.decided, 9);
	assert_int_equal(got.added.errors, 12);
	assert_int_equal(got.added.timeouts, 15);
	assert_false(store_zones_take(&zones, &got));
	assert_true(store_zones_read(&zones, slice_of("1.example"), &got));
	assert_int_equal(got.added.asked, 0);
	assert_false(store_zones_read(&zones, slice_of("2.example"), &got));
	store_zones_fini(&zones);
}

static void
test_full(void **state)
{
	static struct store_zones zones;
	struct dnsbl_note note, got;

	(void)state;
	store_zones_init(&zones);
	for (int i = 0; i < STORE_ZONES_MAX + 5; i++) {
		note = note_make(i, "ok");
		store_zones_put(&zones, &note);
	}
	assert_false(store_zones_read(&zones, slice_of("64.example"), &got));
	assert_true(store_zones_take(&zones, &got));
	assert_string_equal(got.name, "0.example");
	note = note_make(100, "ok");
	store_zones_put(&zones, &note); /* in the place of the one that is written */
	assert_true(store_zones_read(&zones, slice_of("100.example"), &got));
	assert_int_equal(got.added.asked, 1);
	assert_false(store_zones_read(&zones, slice_of("0.example"), &got));
	store_zones_fini(&zones);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_put_take),
	    cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("store_zones", tests, NULL, NULL);
}
