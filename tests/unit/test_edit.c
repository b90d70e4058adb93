/*
 * test_edit.c - lib/mail/edit.
 */
#include "mail/edit.h"

#include "mail/body_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_order(void **state)
{
	static const char value[] = "first\n\tsecond";
	struct edits edits = {.n = 0};

	(void)state;
	assert_int_equal(edits_insert_header(&edits, 1, "Received", value), 0);
	assert_int_equal(edits_insert_header(&edits, 0, "X-Empty", ""), 0);
	assert_int_equal(edits.n, 2);
	assert_int_equal(edits.v[0].index, 1);
	assert_string_equal(edits.v[0].name, "Received");
	assert_ptr_equal(edits.v[0].value, value); /* not copied */
	assert_int_equal(edits.v[1].index, 0);
	assert_string_equal(edits.v[1].name, "X-Empty");
	assert_string_equal(edits.v[1].value, "");
}

static void
test_kinds(void **state)
{
	struct edits edits = {.n = 0};

	(void)state;
	assert_int_equal(edits_change_header(&edits, 1, "Subject", "new"), 0);
	assert_int_equal(edits_delete_header(&edits, 3, "X-Old"), 0);
	assert_int_equal(edits.v[0].kind, EDIT_CHANGE_HEADER);
	assert_int_equal(edits.v[1].kind, EDIT_DELETE_HEADER);
	assert_int_equal(edits.v[1].index, 3);
	assert_null(edits.v[1].value);
	assert_int_equal(edits_change_header(&edits, 1, "Subject", NULL), -1);
	assert_int_equal(edits_delete_header(&edits, 1, NULL), -1);
	assert_int_equal(edits.n, 2);
}

/* What a full arena answers, NULL, must not get into the list. */
static void
test_null(void **state)
{
	struct edits edits = {.n = 0};

	(void)state;
	assert_int_equal(edits_insert_header(&edits, 0, NULL, "value"), -1);
	assert_int_equal(edits_insert_header(&edits, 0, "Name", NULL), -1);
	assert_int_equal(edits.n, 0);
}

static void
test_full(void **state)
{
	struct edits edits = {.n = 0};

	(void)state;
	for (int i = 0; i < EDITS_MAX; i++)
		assert_int_equal(edits_insert_header(&edits, i, "Name", "value"), 0);
	assert_int_equal(edits_insert_header(&edits, 99, "Other", "value"), -1);
	assert_int_equal(edits.n, EDITS_MAX);
	assert_int_equal(edits.v[EDITS_MAX - 1].index, EDITS_MAX - 1);
}

static void
test_of_body(void **state)
{
	struct body_edits body_edits;
	struct edits edits = {.n = 0};
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 4096);
	body_edits_init(&body_edits, &a);
	assert_false(edits_of_body(&edits));
	edits.body_edits = &body_edits;
	assert_false(edits_of_body(&edits)); /* none is left to be done */
	assert_int_equal(body_edits_replace(&body_edits, 0, 0, slice_of("x")), 0);
	assert_true(edits_of_body(&edits));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_null),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_of_body),
	};

	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
