/*
 * test_log_writer.c - lib/io/log_writer.
 */
#include "io/log_writer.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS      4
#define THREAD_LINES 500
#define LONG_LINES   400 /* of LONG_BYTES: more than any sane buffer takes */
#define LONG_BYTES   1000

/* What the sink was given, and the gate at which it stalls. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool shut;
	unsigned calls, inside, inside_most;
	size_t n;
	char text[1024 * 1024];
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void
seen_add(struct slice s)
{
	if (s.n > sizeof(seen.text) - 1 - seen.n)
		s.n = sizeof(seen.text) - 1 - seen.n;
	memcpy(seen.text + seen.n, s.p, s.n);
	seen.n += s.n;
	seen.text[seen.n] = '\0';
}

static void
record(char sink, int priority, struct slice text)
{
	char head[8];

	(void)pthread_mutex_lock(&seen.lock);
	seen.calls++;
	if (++seen.inside > seen.inside_most)
		seen.inside_most = seen.inside;
	(void)pthread_cond_broadcast(&seen.changed);
	while (seen.shut)
		(void)pthread_cond_wait(&seen.changed, &seen.lock);
	if (sink != '\0') {
		(void)snprintf(head, sizeof(head), "%c%d:", sink, priority);
		seen_add(slice_of(head));
	}
	seen_add(text);
	seen.inside--;
	(void)pthread_cond_broadcast(&seen.changed);
	(void)pthread_mutex_unlock(&seen.lock);
}

static void
sink_a(int priority, struct slice text)
{
	record('a', priority, text);
}

static void
sink_b(int priority, struct slice text)
{
	record('b', priority, text);
}

static void
sink_plain(int priority, struct slice text)
{
	(void)priority;
	record('\0', 0, text);
}

static void
seen_reset(void)
{
	(void)pthread_mutex_lock(&seen.lock);
	seen.calls = seen.inside_most = 0;
	seen.n = 0;
	seen.text[0] = '\0';
	(void)pthread_mutex_unlock(&seen.lock);
}

static void
gate(bool shut)
{
	(void)pthread_mutex_lock(&seen.lock);
	seen.shut = shut;
	(void)pthread_cond_broadcast(&seen.changed);
	(void)pthread_mutex_unlock(&seen.lock);
}

/* Shuts the gate and puts a first line, at which the writer then hangs. */
static void
stall(log_sink *sink)
{
	gate(true);
	log_writer_put(sink, 1, slice_of("first\n"));
	(void)pthread_mutex_lock(&seen.lock);
	while (seen.inside == 0)
		(void)pthread_cond_wait(&seen.changed, &seen.lock);
	(void)pthread_mutex_unlock(&seen.lock);
}

static void
test_direct(void **state)
{
	(void)state;
	seen_reset();
	log_writer_put(sink_a, 3, slice_of("one\n"));
	assert_string_equal(seen.text, "a3:one\n");
	log_writer_stop(); /* without a start: nothing */
	log_writer_put(sink_b, 4, slice_of("two\n"));
	assert_string_equal(seen.text, "a3:one\nb4:two\n");
}

/* Lines in a row that go the same way are one call; the order stays. */
static void
test_order(void **state)
{
	(void)state;
	seen_reset();
	assert_int_equal(log_writer_start(), 0);
	assert_int_equal(log_writer_start(), 0);
	stall(sink_a);
	log_writer_put(sink_a, 1, slice_of("1\n"));
	log_writer_put(sink_a, 1, slice_of("2\n"));
	log_writer_put(sink_a, 2, slice_of("3\n"));
	log_writer_put(sink_b, 2, slice_of("4\n"));
	log_writer_put(sink_b, 2, slice_of("5\n"));
	log_writer_put(sink_a, 1, slice_of("6\n"));
	gate(false);
	log_writer_stop();
	assert_string_equal(seen.text, "a1:first\na1:1\n2\na2:3\nb2:4\n5\na1:6\n");
	assert_int_equal(seen.calls, 5);
}

/* Stop writes what waits, and lines after it go out at once; then all may begin again. */
static void
test_stop(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		char want[32];
		char *at;

		seen_reset();
		assert_int_equal(log_writer_start(), 0);
		for (int i = 0; i < 100; i++) {
			(void)snprintf(want, sizeof(want), "line %d\n", i);
			log_writer_put(sink_plain, 1, slice_of(want));
		}
		log_writer_stop();
		log_writer_put(sink_plain, 1, slice_of("after\n"));
		at = seen.text;
		for (int i = 0; i < 100; i++) {
			(void)snprintf(want, sizeof(want), "line %d\n", i);
			assert_memory_equal(at, want, strlen(want));
			at += strlen(want);
		}
		assert_string_equal(at, "after\n");
	}
}

static void *
many_lines(void *arg)
{
	for (int i = 0; i < THREAD_LINES; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "%d %d\n", *(const int *)arg, i);
		log_writer_put(sink_plain, 1, slice_of(line));
	}
	return NULL;
}

/* Of several threads each keeps its order, no line is lost or torn, and the sink is called from one
 * thread at a time. */
static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	int ids[THREADS];
	long next[THREADS] = {0};
	char *at = seen.text;

	(void)state;
	seen_reset();
	assert_int_equal(log_writer_start(), 0);
	for (int i = 0; i < THREADS; i++) {
		ids[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, many_lines, &ids[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
	log_writer_stop();
	assert_int_equal(seen.inside_most, 1);
	for (int i = 0; i < THREADS * THREAD_LINES; i++) {
		long id = strtol(at, &at, 10);

		assert_in_range(id, 0, THREADS - 1);
		assert_int_equal(*at, ' ');
		assert_int_equal(strtol(at, &at, 10), next[id]++);
		assert_int_equal(*at++, '\n');
	}
	assert_string_equal(at, "");
}

static void
long_lines_put(void)
{
	char line[LONG_BYTES];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < LONG_LINES; i++)
		log_writer_put(sink_plain, 1, slice_make(line, sizeof(line)));
}

/* While the sink stalls nobody waits; what finds no room is counted, and the count is said once. */
static void
test_stalled(void **state)
{
	static const char said[] = "event=log_lines_dropped n=";
	size_t written;
	char *at;

	(void)state;
	seen_reset();
	assert_int_equal(log_writer_start(), 0);
	(void)alarm(20); /* for the day when a line does wait */
	stall(sink_plain);
	long_lines_put();
	gate(false);
	/* the writer is let through all of it before the next lines come */
	(void)pthread_mutex_lock(&seen.lock);
	while (strstr(seen.text, said) == NULL)
		(void)pthread_cond_wait(&seen.changed, &seen.lock);
	(void)pthread_mutex_unlock(&seen.lock);
	log_writer_put(sink_plain, 1, slice_of("last\n"));
	log_writer_stop();
	(void)alarm(0);

	assert_memory_equal(seen.text, "first\n", 6);
	at = seen.text + 6;
	written = strspn(at, "x\n") / LONG_BYTES;
	assert_in_range(written, 1, LONG_LINES - 1);
	at += written * LONG_BYTES;
	assert_memory_equal(at, said, sizeof(said) - 1);
	at += sizeof(said) - 1;
	assert_int_equal(strtol(at, &at, 10), LONG_LINES - (long)written);
	assert_string_equal(at, "\nlast\n");
}

/* The count is not lost when the end comes before there was time to say it. */
static void
test_stalled_stop(void **state)
{
	(void)state;
	seen_reset();
	assert_int_equal(log_writer_start(), 0);
	stall(sink_plain);
	long_lines_put();
	gate(false);
	log_writer_stop();
	assert_non_null(strstr(seen.text, "event=log_lines_dropped n="));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_direct),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_threads),
	    cmocka_unit_test(test_stalled),
	    cmocka_unit_test(test_stalled_stop),
	};

	return cmocka_run_group_tests_name("log_writer", tests, NULL, NULL);
}
