/*
 * test_budget.c - lib/io/budget.
 */
#include "io/budget.h"

#include "io/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#define ALL     1000
#define PART    300 /* three at a time */
#define THREADS 8
#define ROUNDS  2000

static struct budget *budget;

static void
test_take(void **state)
{
	(void)state;
	budget = budget_new(ALL);
	assert_non_null(budget);
	assert_false(budget_take(budget, ALL + 1, 60000)); /* at once */
	assert_true(budget_take(budget, ALL, 0));
	assert_true(budget_take(budget, 0, 0));
	assert_false(budget_take(budget, 1, 0));
	budget_give(budget, ALL);
	assert_true(budget_take(budget, PART, 0));
	assert_true(budget_take(budget, ALL - PART, 0));
	budget_give(budget, PART);
	assert_false(budget_take(budget, PART + 1, 0));
	assert_true(budget_take(budget, PART, 0));
	budget_free(budget);
	budget_free(NULL);
}

static void
test_wait(void **state)
{
	int64_t began_us = deadline_now_us(), waited_ms;

	(void)state;
	budget = budget_new(ALL);
	assert_true(budget_take(budget, ALL, 0));
	assert_false(budget_take(budget, 1, 100));
	waited_ms = (deadline_now_us() - began_us) / 1000;
	assert_in_range(waited_ms, 100, 5000);
	budget_free(budget);
}

static void *
wants_all(void *arg)
{
	(void)arg;
	return budget_take(budget, ALL, 60000) ? budget : NULL;
}

/* Who wants much is not overtaken, without end, by those who want little. */
static void
test_order(void **state)
{
	int64_t until_us = deadline_now_us() + 30 * INT64_C(1000000);
	pthread_t large;
	void *got;

	(void)state;
	budget = budget_new(ALL);
	assert_true(budget_take(budget, PART, 0));
	assert_int_equal(pthread_create(&large, NULL, wants_all, NULL), 0);
	while (budget_take(budget, 1, 0)) { /* as soon as he waits, nobody gets any before him */
		budget_give(budget, 1);
		assert_true(deadline_now_us() < until_us);
	}
	assert_false(budget_take(budget, 1, 50)); /* who gave up is in nobody's way */
	budget_give(budget, PART);
	assert_int_equal(pthread_join(large, &got), 0);
	assert_ptr_equal(got, budget);
	budget_give(budget, ALL);
	assert_true(budget_take(budget, 1, 0));
	assert_true(budget_take(budget, ALL - 1, 0));
	budget_free(budget);
}

static atomic_int holders, most, taken;

static void *
worker(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		int now, before;

		if (!budget_take(budget, PART, 60000))
			continue;
		now = atomic_fetch_add(&holders, 1) + 1;
		before = atomic_load(&most);
		while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
			continue;
		(void)atomic_fetch_add(&taken, 1);
		(void)atomic_fetch_sub(&holders, 1);
		budget_give(budget, PART);
	}
	return NULL;
}

/* Everybody gets his part in the end, and never more than there is. */
static void
test_threads(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	budget = budget_new(ALL);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, worker, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(atomic_load(&taken), THREADS * ROUNDS);
	assert_in_range(atomic_load(&most), 1, ALL / PART);
	assert_true(budget_take(budget, ALL, 0)); /* all came back */
	budget_free(budget);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_take),
	    cmocka_unit_test(test_wait),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
