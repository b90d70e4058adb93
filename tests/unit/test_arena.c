/*
 * test_arena.c - lib/base/arena.
 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool
is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

static void
test_zeroed_aligned_apart(void **state)
{
	struct arena a;
	char *before = NULL;

	(void)state;
	arena_init(&a, 256, 65536);
	for (size_t n = 0; n < 300; n++) {
		char *p = arena_alloc(&a, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		assert_true(is_zero(p, n));
		memset(p, 0xff, n);
		if (n > 1)
			assert_int_equal((unsigned char)before[n - 2], 0xff);
		before = p;
	}
	assert_false(a.failed);
	arena_fini(&a);
}

/* What was used before a reset is zero again after it. */
static void
test_reset(void **state)
{
	struct arena a;
	char *first, *again;

	(void)state;
	arena_init(&a, 128, 4096);
	first = arena_alloc(&a, 64);
	memset(first, 0xff, 64);
	assert_non_null(arena_alloc(&a, 1000));
	assert_non_null(arena_alloc(&a, 1000));
	arena_reset(&a);
	assert_int_equal(a.used_bytes, 0);
	again = arena_alloc(&a, 64);
	assert_ptr_equal(again, first); /* the first chunk stays */
	assert_true(is_zero(again, 64));
	arena_fini(&a);
	arena_reset(&a); /* of an arena with nothing in it */
	assert_non_null(arena_alloc(&a, 1));
	arena_fini(&a);
}

static void
test_bound_is_sticky(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 64, 160);
	assert_non_null(arena_alloc(&a, 64));
	assert_non_null(arena_alloc(&a, 96));
	assert_false(a.failed);
	assert_null(arena_alloc(&a, 1));
	assert_true(a.failed);
	assert_null(arena_alloc(&a, 0));
	assert_null(arena_copy(&a, slice_of("x")).p);
	assert_null(arena_text(&a, slice_of("x")));
	arena_reset(&a);
	assert_false(a.failed);
	assert_non_null(arena_alloc(&a, 160));
	arena_reset(&a);
	assert_null(arena_alloc(&a, 161));
	arena_reset(&a);
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_reset(&a);
	assert_null(arena_copy(&a, slice_make("", SIZE_MAX)).p);
	arena_fini(&a);
}

/* A bound that is no multiple of the alignment is passed by less than one step. */
static void
test_odd_bound(void **state)
{
	struct arena a;
	size_t n = 0;

	(void)state;
	arena_init(&a, 16, 100);
	while (arena_alloc(&a, 1) != NULL)
		n++;
	assert_int_equal(n, 100 / alignof(max_align_t) + 1);
	assert_int_equal(a.used_bytes, 100);
	arena_fini(&a);
}

static void
test_copies(void **state)
{
	struct arena a;
	char text[] = "a\0b";
	struct slice copy;

	(void)state;
	arena_init(&a, 64, 1024);
	copy = arena_copy(&a, slice_make(text, 3));
	text[0] = 'x';
	assert_int_equal(copy.n, 3);
	assert_memory_equal(copy.p, "a\0b", 4); /* and a NUL behind */
	copy = arena_copy(&a, slice_make(NULL, 0));
	assert_non_null(copy.p);
	assert_int_equal(copy.n, 0);
	assert_string_equal(copy.p, "");
	assert_string_equal(arena_text(&a, slice_of("text")), "text");
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zeroed_aligned_apart),
	    cmocka_unit_test(test_reset),
	    cmocka_unit_test(test_bound_is_sticky),
	    cmocka_unit_test(test_odd_bound),
	    cmocka_unit_test(test_copies),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
