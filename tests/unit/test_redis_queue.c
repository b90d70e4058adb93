/*
 * test_redis_queue.c - lib/io/redis_queue and lib/io/redis_outbox.
 */
#include "io/redis_outbox.h"
#include "io/redis_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
test_order_and_bound(void **state)
{
	struct redis_queue queue;
	char out[64];

	(void)state;
	assert_int_equal(redis_queue_init(&queue, 40, NULL), 0);
	/* ten bytes each, with the length: four fit; again and again, round the end of the ring */
	for (int round = 0; round < 50; round++) {
		int n = 1 + round % 4;

		for (int i = 0; i < n; i++) {
			char text[6] = {'a', 'b', 'c', 'd', 'e', (char)('0' + i)};

			assert_true(redis_queue_push(&queue, slice_make(text, 6)));
		}
		assert_int_equal(redis_queue_push(&queue, slice_of("123456")), n < 4);
		for (int i = 0; i < n; i++) {
			assert_int_equal(redis_queue_pop(&queue, out, 5), 0);
			assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 6);
			assert_memory_equal(out, "abcde", 5);
			assert_int_equal(out[5], '0' + i);
		}
		if (n < 4) {
			assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 6);
			assert_memory_equal(out, "123456", 6);
		}
		assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 0);
		assert_true(redis_queue_push(&queue, slice_of("x"))); /* shifts the next round */
		assert_int_equal(redis_queue_used(&queue), 5);
		assert_int_equal(redis_queue_number(&queue), 1);
		assert_true(redis_queue_push(&queue, slice_of("yz")));
		assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 1);
		assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 2);
	}
	redis_queue_fini(&queue);
}

static void
test_sizes(void **state)
{
	char text[64] = {0};
	struct redis_queue queue;

	(void)state;
	assert_int_equal(redis_queue_init(&queue, 40, NULL), 0);
	assert_false(redis_queue_push(&queue, slice_make(text, 0)));
	assert_false(redis_queue_push(&queue, slice_make(text, 37)));
	assert_false(redis_queue_push(&queue, slice_make(text, 64)));
	assert_true(redis_queue_push(&queue, slice_make(text, 36)));
	assert_false(redis_queue_push(&queue, slice_make(text, 1)));
	redis_queue_fini(&queue);
}

static void
test_wrapped(void **state)
{
	struct redis_queue queue;
	char out[64];

	(void)state;
	assert_int_equal(redis_queue_init(&queue, 40, NULL), 0);
	assert_true(redis_queue_push(&queue, slice_of("0123456789abcdef")));
	assert_true(redis_queue_push(&queue, slice_of("second")));
	assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 16);
	assert_true(redis_queue_push(&queue, slice_of("round the corner")));
	assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 6);
	assert_int_equal(redis_queue_pop(&queue, out, sizeof(out)), 16);
	assert_memory_equal(out, "round the corner", 16);
	redis_queue_fini(&queue);
}

static void
test_wait(void **state)
{
	struct redis_queue queue;
	int64_t began_us = deadline_now_us();

	(void)state;
	assert_int_equal(redis_queue_init(&queue, 4096, NULL), 0);
	redis_queue_wait(&queue, 0, deadline_in_ms(50));
	assert_true(deadline_now_us() - began_us >= 50000);
	/* none of these waits for its ten seconds */
	redis_queue_kick(&queue);
	redis_queue_wait(&queue, 0, deadline_in_ms(10000));
	assert_true(redis_queue_push(&queue, slice_of("0123456789")));
	redis_queue_wait(&queue, 0, deadline_in_ms(10000));
	redis_queue_wait(&queue, 13, deadline_in_ms(10000));
	began_us = deadline_now_us();
	redis_queue_wait(&queue, 14, deadline_in_ms(50));
	assert_true(deadline_now_us() - began_us >= 50000);
	redis_queue_fini(&queue);
}

static void
test_outbox(void **state)
{
	struct redis_outbox *outbox = calloc(1, sizeof(*outbox));

	(void)state;
	assert_non_null(outbox);
	assert_true(redis_outbox_add(outbox, slice_of("one ")));
	assert_true(redis_outbox_add(outbox, slice_of("two ")));
	assert_true(redis_outbox_add(outbox, slice_of("three ")));
	assert_true(redis_outbox_add(outbox, slice_of("four ")));
	outbox->sent = true;
	assert_int_equal(redis_outbox_room(outbox).n, 0);
	redis_outbox_answer(outbox, true);
	redis_outbox_answer(outbox, false);
	redis_outbox_answer(outbox, true);
	redis_outbox_settle(outbox); /* the connection broke: two was refused, four unanswered */
	assert_true(slice_eq(redis_outbox_bytes(outbox), slice_of("two four ")));
	assert_true(redis_outbox_add(outbox, slice_of("five")));
	assert_true(slice_eq(redis_outbox_bytes(outbox), slice_of("two four five")));
	outbox->sent = true;
	for (int i = 0; i < 3; i++)
		redis_outbox_answer(outbox, true);
	redis_outbox_settle(outbox);
	assert_int_equal(outbox->n, 0);
	assert_int_equal(redis_outbox_room(outbox).n, REDIS_OUTBOX_BYTES);
	free(outbox);
}

static void
test_outbox_bounds(void **state)
{
	struct redis_outbox *outbox = calloc(1, sizeof(*outbox));
	static char large[REDIS_OUTBOX_BYTES];

	(void)state;
	assert_non_null(outbox);
	for (int i = 0; i < REDIS_OUTBOX_ITEMS; i++)
		assert_true(redis_outbox_add(outbox, slice_of("x")));
	assert_false(redis_outbox_add(outbox, slice_of("x")));
	outbox->sent = true;
	for (int i = 0; i < REDIS_OUTBOX_ITEMS; i++)
		redis_outbox_answer(outbox, true);
	redis_outbox_settle(outbox);
	assert_true(redis_outbox_add(outbox, slice_make(large, sizeof(large) - 1)));
	assert_false(redis_outbox_add(outbox, slice_of("xy")));
	assert_true(redis_outbox_add(outbox, slice_of("x")));
	free(outbox);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order_and_bound),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_wrapped),
	    cmocka_unit_test(test_wait),
	    cmocka_unit_test(test_outbox),
	    cmocka_unit_test(test_outbox_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
