/*
 * test_held.c - web/held.c, with rings so small that they are full and wrap all the time.
 */
#include "web/held.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HIT_BYTES sizeof(struct held_hit)

/* A hit that is told apart by its number, with a target and an agent of so many bytes. */
static bool
push(struct held *held, unsigned number, size_t target, size_t agent)
{
	char target_text[500], agent_text[500];
	struct hit hit = {.kind = HIT_CLICKED, .link = number};

	memset(target_text, 'a' + (int)(number % 26), sizeof(target_text));
	memset(agent_text, 'A' + (int)(number % 26), sizeof(agent_text));
	hit.target = slice_make(target_text, target);
	hit.agent = slice_make(agent_text, agent);
	return held_push(held, &hit, number * UINT64_C(7), number * INT64_C(3));
}

static bool
is_all(struct slice text, char c, size_t n)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != c)
			return false;
	}
	return text.n == n;
}

/* The oldest is that one, whole. */
static void
first_check(struct held *held, unsigned number, size_t target, size_t agent)
{
	const struct held_hit *first = held_first(held);

	assert_non_null(first);
	assert_int_equal((uintptr_t)first % alignof(struct held_hit), 0);
	if (first->hit.link != number)
		fail_msg("%u is the oldest, not %u", first->hit.link, number);
	assert_int_equal(first->hit.kind, HIT_CLICKED);
	assert_int_equal(first->key, number * UINT64_C(7));
	assert_int_equal(first->when_ms, number * INT64_C(3));
	assert_true(is_all(first->hit.target, (char)('a' + number % 26), target));
	assert_true(is_all(first->hit.agent, (char)('A' + number % 26), agent));
}

static void
test_few(void **state)
{
	struct held held;

	(void)state;
	assert_int_equal(held_init(&held, 3 * HIT_BYTES + 64), 0);
	assert_null(held_first(&held));
	assert_true(push(&held, 1, 0, 0));
	assert_true(push(&held, 2, 20, 11));
	assert_true(push(&held, 3, 31, 0));
	assert_int_equal(held.n, 3);
	assert_false(push(&held, 4, 0, 0));
	first_check(&held, 1, 0, 0);
	first_check(&held, 1, 0, 0);
	held_drop(&held);
	assert_false(push(&held, 4, 1, 0)); /* no room for that byte */
	assert_true(push(&held, 4, 0, 0));
	first_check(&held, 2, 20, 11);
	held_drop(&held);
	first_check(&held, 3, 31, 0);
	held_drop(&held);
	first_check(&held, 4, 0, 0);
	held_drop(&held);
	assert_null(held_first(&held));
	assert_int_equal(held.n, 0);
	held_fini(&held);
}

/* Up to the last byte, and never beyond. */
static void
test_large(void **state)
{
	struct held held;

	(void)state;
	assert_int_equal(held_init(&held, HIT_BYTES + 256 + 1), 0);
	assert_false(push(&held, 1, 257, 0));
	assert_false(push(&held, 1, 0, 500));
	assert_null(held_first(&held));
	for (unsigned i = 2; i < 5; i++) {
		assert_true(push(&held, i, 56, 200));
		assert_false(push(&held, 99, 0, 0));
		first_check(&held, i, 56, 200);
		held_drop(&held);
	}
	held_fini(&held);
}

#define MODEL  64
#define TARGET 300
#define AGENT  100

/* What a ring should hold. */
struct model {
	struct {
		unsigned number;
		size_t target, agent;
	} v[MODEL];
	size_t from, n;
	size_t bytes; /* without what is left unused */
};

static uint32_t
random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static size_t
bytes_of(size_t target, size_t agent)
{
	size_t align = alignof(struct held_hit);

	return (HIT_BYTES + target + agent + align - 1) / align * align;
}

static void
model_push(struct model *m, struct held *held, unsigned number, uint32_t *seed)
{
	size_t target = random_next(seed) % TARGET, agent = random_next(seed) % AGENT;
	size_t at = (m->from + m->n) % MODEL, n = bytes_of(target, agent);

	if (!push(held, number, target, agent)) {
		/* at most one hit's room is given up at the end */
		if (m->n == 0 || m->bytes + n + bytes_of(TARGET, AGENT) <= held->size)
			fail_msg("%zu of %zu bytes, and no room for %zu", m->bytes, held->size, n);
		return;
	}
	assert_true(m->n < MODEL);
	assert_true(m->bytes + n <= held->size);
	m->v[at].number = number;
	m->v[at].target = target;
	m->v[at].agent = agent;
	m->n++;
	m->bytes += n;
}

static void
model_drop(struct model *m, struct held *held)
{
	if (m->n == 0) {
		assert_null(held_first(held));
		return;
	}
	first_check(held, m->v[m->from].number, m->v[m->from].target, m->v[m->from].agent);
	held_drop(held);
	m->bytes -= bytes_of(m->v[m->from].target, m->v[m->from].agent);
	m->from = (m->from + 1) % MODEL;
	m->n--;
}

static void
test_ring(void **state)
{
	static const size_t sizes[] = {
	    HIT_BYTES + 400, 2 * HIT_BYTES + 400, 1000, 1999, 4096, 9001};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct model model = {.n = 0};
		struct held held;
		uint32_t seed = (uint32_t)i + 1;

		assert_int_equal(held_init(&held, sizes[i]), 0);
		for (unsigned number = 0; number < 20000; number++) {
			/* for a while more come than go, then fewer */
			if (random_next(&seed) % 8 < (number / 500 % 2 == 0 ? 5 : 3))
				model_push(&model, &held, number, &seed);
			else
				model_drop(&model, &held);
			assert_int_equal(held.n, model.n);
		}
		while (model.n > 0)
			model_drop(&model, &held);
		assert_null(held_first(&held));
		held_fini(&held);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_few),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_ring),
	};

	return cmocka_run_group_tests_name("held", tests, NULL, NULL);
}
