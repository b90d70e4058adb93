/*
 * test_redis_pool.c - lib/io/redis_pool: lending, with connections that are never opened.
 */
#include "io/redis_pool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_last_given_first(void **state)
{
	struct redis_conn *a, *b, *c;
	struct redis_pool pool;
	struct err err;

	(void)state;
	assert_int_equal(redis_pool_init(&pool, 2, NULL), 0);
	assert_int_equal(redis_pool_take(&pool, &a, deadline_in_ms(0), &err), 0);
	assert_int_equal(redis_pool_take(&pool, &b, deadline_in_ms(0), &err), 0);
	assert_ptr_not_equal(a, b);
	assert_int_equal(redis_pool_take(&pool, &c, deadline_in_ms(0), &err), -1);
	assert_int_equal(err.code, ERR_TIMEOUT);
	redis_pool_give(&pool, a);
	redis_pool_give(&pool, b);
	assert_int_equal(redis_pool_take(&pool, &c, deadline_in_ms(0), &err), 0);
	assert_ptr_equal(c, b);
	redis_pool_give(&pool, c);
	redis_pool_fini(&pool);
}

static void
test_waits_its_time(void **state)
{
	struct redis_conn *a, *b;
	struct redis_pool pool;
	int64_t began_us;
	struct err err;

	(void)state;
	assert_int_equal(redis_pool_init(&pool, 1, NULL), 0);
	assert_int_equal(redis_pool_take(&pool, &a, deadline_in_ms(0), &err), 0);
	began_us = deadline_now_us();
	assert_int_equal(redis_pool_take(&pool, &b, deadline_in_ms(60), &err), -1);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_true(deadline_now_us() - began_us >= 60000);
	redis_pool_give(&pool, a);
	redis_pool_fini(&pool);
}

struct taker {
	struct redis_pool *pool;
	struct redis_conn *conn;
	int status;
	struct err err;
};

static void *
take(void *arg)
{
	struct taker *taker = arg;

	taker->status = redis_pool_take(
	    taker->pool, &taker->conn, deadline_in_ms(10000), &taker->err);
	return NULL;
}

static void
test_shut_sends_away(void **state)
{
	struct redis_pool pool;
	struct redis_conn *a;
	struct taker takers[4];
	pthread_t threads[4];

	(void)state;
	assert_int_equal(redis_pool_init(&pool, 1, NULL), 0);
	assert_int_equal(redis_pool_take(&pool, &a, deadline_in_ms(0), NULL), 0);
	for (int i = 0; i < 4; i++) {
		takers[i] = (struct taker){.pool = &pool};
		assert_int_equal(pthread_create(&threads[i], NULL, take, &takers[i]), 0);
	}
	redis_pool_shut(&pool);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(takers[i].status, -1);
		assert_int_equal(takers[i].err.code, ERR_UNAVAILABLE);
	}
	redis_pool_give(&pool, a);
	assert_int_equal(redis_pool_take(&pool, &a, deadline_in_ms(0), NULL), -1);
	redis_pool_unshut(&pool);
	assert_int_equal(redis_pool_take(&pool, &a, deadline_in_ms(0), NULL), 0);
	redis_pool_give(&pool, a);
	redis_pool_fini(&pool);
}

static void *
take_and_give(void *arg)
{
	struct taker *taker = arg;

	for (int i = 0; i < 2000 && taker->status == 0; i++) {
		take(taker);
		if (taker->status == 0)
			redis_pool_give(taker->pool, taker->conn);
	}
	return NULL;
}

/* Many threads, two connections: all get theirs. */
static void
test_nobody_is_forgotten(void **state)
{
	struct redis_pool pool;
	struct taker takers[16];
	pthread_t threads[16];

	(void)state;
	assert_int_equal(redis_pool_init(&pool, 2, NULL), 0);
	for (int i = 0; i < 16; i++) {
		takers[i] = (struct taker){.pool = &pool};
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &takers[i]), 0);
	}
	for (int i = 0; i < 16; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(takers[i].status, 0);
	}
	assert_int_equal(pool.n_idle, 2);
	assert_null(pool.first);
	redis_pool_fini(&pool);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_last_given_first),
	    cmocka_unit_test(test_waits_its_time),
	    cmocka_unit_test(test_shut_sends_away),
	    cmocka_unit_test(test_nobody_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
