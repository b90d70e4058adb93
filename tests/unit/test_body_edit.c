/*
 * test_body_edit.c - lib/mail/body_edit.
 */
#include "mail/body_edit.h"

#include "mime_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define BODY "0123456789"

struct span {
	size_t offset, n;
	const char *text; /* NULL: recode to base64; "": nothing comes */
	int want;
};

static const struct {
	const char *name;
	struct span spans[5];
	size_t n;
	const char *want;
} rows[] = {
    {"none", {{0, 0, NULL, 0}}, 0, BODY},
    {"one", {{2, 3, "abc", 0}}, 1, "01abc56789"},
    {"all", {{0, 10, "x", 0}}, 1, "x"},
    {"away", {{0, 1, "", 0}, {9, 1, "", 0}}, 2, "12345678"},
    {"in any order", {{8, 1, "c", 0}, {1, 1, "a", 0}, {4, 1, "b", 0}}, 3, "0a23b567c9"},
    {"side by side", {{4, 2, "b", 0}, {2, 2, "a", 0}, {6, 2, "c", 0}}, 3, "01abc89"},
    {"put before, in their order", {{5, 0, "a", 0}, {5, 0, "b", 0}, {5, 0, "c", 0}}, 3,
	"01234abc56789"},
    {"put before what goes", {{5, 1, "X", 0}, {5, 0, "a", 0}, {5, 0, "b", 0}}, 3, "01234abX6789"},
    {"and the other way round", {{5, 0, "a", 0}, {5, 1, "X", 0}}, 2, "01234aX6789"},
    {"at both ends", {{10, 0, "z", 0}, {0, 0, "a", 0}}, 2, "a0123456789z"},
    {"in another encoding", {{1, 3, NULL, 0}}, 1, "0MTIz\r\n456789"},
    {"the same twice", {{1, 3, "a", 0}, {1, 3, "b", -1}}, 2, "0a456789"},
    {"within", {{1, 5, "a", 0}, {2, 2, "b", -1}, {3, 0, "c", -1}}, 3, "0a6789"},
    {"around", {{2, 2, "a", 0}, {1, 5, "b", -1}}, 2, "01a456789"},
    {"across the beginning", {{2, 3, "a", 0}, {1, 2, "b", -1}}, 2, "01a56789"},
    {"across the end", {{2, 3, "a", 0}, {4, 2, "b", -1}}, 2, "01a56789"},
    {"around what is put", {{2, 0, "a", 0}, {1, 2, "b", -1}}, 2, "01a23456789"},
};

static void
test_apply(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct heap_text text = {NULL, 0, 0};
		struct body_edits edits;

		print_message("  %s\n", rows[i].name);
		arena_reset(&a);
		body_edits_init(&edits, &a);
		for (size_t j = 0; j < rows[i].n; j++) {
			const struct span *s = &rows[i].spans[j];
			int got = s->text == NULL ? body_edits_recode(&edits, s->offset, s->n,
							TRANSFER_8BIT, TRANSFER_BASE64)
						  : body_edits_replace(
							&edits, s->offset, s->n, slice_of(s->text));

			assert_int_equal(got, s->want);
		}
		assert_int_equal(
		    body_edits_apply_to(&edits, slice_of(BODY), &(struct sink){heap_put, &text}),
		    0);
		assert_int_equal(heap_put(&text, slice_make("", 1)), 0);
		assert_string_equal(text.p, rows[i].want);
		free(text.p);
	}
	arena_fini(&a);
}

static void
test_touch(void **state)
{
	static const struct {
		size_t offset, n;
		bool want;
	} asked[] = {
	    {0, 2, false},
	    {0, 3, true},
	    {2, 1, true},
	    {3, 1, true},
	    {4, 1, false},
	    {0, 10, true},
	    {4, 2, false},
	    {4, 3, true},
	    {6, 1, true},
	    {6, 0, true},
	    {7, 3, false},
	    {9, 0, false},
	};
	struct body_edits edits;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	body_edits_init(&edits, &a);
	assert_false(body_edits_touch(&edits, 0, 10));
	assert_int_equal(body_edits_replace(&edits, 2, 2, slice_of("x")), 0);
	assert_int_equal(body_edits_replace(&edits, 6, 0, slice_of("y")), 0);
	for (size_t i = 0; i < COUNT(asked); i++)
		assert_int_equal(
		    body_edits_touch(&edits, asked[i].offset, asked[i].n), asked[i].want);
	arena_fini(&a);
}

static int
put_nothing(void *to, struct slice bytes)
{
	(void)to, (void)bytes;
	return -1;
}

static void
test_bounds(void **state)
{
	struct body_edits edits;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 2 * 1024 * 1024);
	body_edits_init(&edits, &a);
	assert_int_equal(body_edits_reserve(&edits, BODY_EDITS_MAX + 1), -1);
	for (size_t i = 0; i < BODY_EDITS_MAX; i++)
		assert_int_equal(body_edits_replace(&edits, 0, 0, slice_of("x")), 0);
	assert_int_equal(body_edits_replace(&edits, 0, 0, slice_of("x")), -1);
	assert_int_equal(
	    body_edits_apply_to(&edits, slice_of(BODY), &(struct sink){put_nothing, NULL}), -1);
	arena_fini(&a);
	arena_init(&a, 64, 64);
	body_edits_init(&edits, &a);
	assert_int_equal(body_edits_replace(&edits, 0, 0, slice_of("x")), -1);
	assert_int_equal(
	    body_edits_apply_to(&edits, slice_make(NULL, 0), &(struct sink){put_nothing, NULL}), 0);
	assert_int_equal(
	    body_edits_apply_to(&edits, slice_of(BODY), &(struct sink){put_nothing, NULL}), -1);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_apply),
	    cmocka_unit_test(test_touch),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("body_edit", tests, NULL, NULL);
}
