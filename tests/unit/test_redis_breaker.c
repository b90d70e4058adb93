/*
 * test_redis_breaker.c - lib/io/redis_breaker.
 */
#include "io/redis_breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct told {
	int downs, ups;
};

static void
changed(void *arg, bool up, const char *why)
{
	struct told *told = arg;

	assert_true(why[0] != '\0');
	told->ups += up;
	told->downs += !up;
}

static const struct err refused = {ERR_UNAVAILABLE, "refused"};
static const struct err timeout = {ERR_TIMEOUT, "late"};
static const struct err unreachable = {
    ERR_UNAVAILABLE, "cannot connect to Redis at unix:/x: No such file"};
static const struct err odd = {ERR_IO, "odd"};

static void
test_opens(void **state)
{
	static const struct {
		const struct err *events[6]; /* NULL within: Redis answered */
		int n;
		bool want;
	} rows[] = {
	    {{&refused}, 1, true},
	    {{&timeout, &timeout}, 2, false},
	    {{&timeout, &timeout, &timeout}, 3, true},
	    {{&timeout, &timeout, NULL, &timeout, &timeout}, 5, false},
	    {{&timeout, &timeout, NULL, &timeout, &timeout, &timeout}, 6, true},
	    {{&timeout, &timeout, &odd, &timeout}, 4, true},
	    {{&odd, &odd, &odd, &odd}, 4, false},
	    {{&refused, &refused, &timeout}, 3, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct redis_breaker breaker;
		struct told told = {0, 0};

		redis_breaker_init(&breaker, changed, &told);
		for (int k = 0; k < rows[i].n; k++) {
			if (rows[i].events[k] == NULL)
				redis_breaker_passed(&breaker);
			else
				redis_breaker_failed(&breaker, 0, rows[i].events[k]);
		}
		if (redis_breaker_is_open(&breaker) != rows[i].want)
			fail_msg("row %zu", i);
		assert_int_equal(told.downs, rows[i].want);
		redis_breaker_fini(&breaker);
	}
}

static void
test_closes(void **state)
{
	struct redis_breaker breaker;
	struct told told = {0, 0};
	unsigned before, after;
	struct err err;

	(void)state;
	redis_breaker_init(&breaker, changed, &told);
	redis_breaker_recovered(&breaker); /* it was not open */
	assert_int_equal(told.ups, 0);
	assert_int_equal(redis_breaker_enter(&breaker, &before, &err), 0);
	redis_breaker_failed(&breaker, before, &refused);
	assert_int_equal(redis_breaker_enter(&breaker, &after, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_string_equal(err.text, "refused");
	redis_breaker_still(&breaker, &odd, 1);
	assert_int_equal(redis_breaker_enter(&breaker, &after, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_string_equal(err.text, "odd");
	redis_breaker_recovered(&breaker);
	assert_int_equal(redis_breaker_enter(&breaker, &after, &err), 0);
	/* what was begun before tells of the past */
	redis_breaker_failed(&breaker, before, &refused);
	assert_false(redis_breaker_is_open(&breaker));
	redis_breaker_failed(&breaker, after, &refused);
	assert_true(redis_breaker_is_open(&breaker));
	assert_int_equal(told.downs, 2);
	assert_int_equal(told.ups, 1);
	redis_breaker_fini(&breaker);
}

/* One that replaces another goes on where that one is; only one told is told again. */
static void
test_inherit(void **state)
{
	static const struct err other = {ERR_UNAVAILABLE, "still refused"};
	struct redis_breaker before, after;
	struct told told_before = {0, 0}, told = {0, 0};
	unsigned generation;
	struct err err;

	(void)state;
	redis_breaker_init(&before, changed, &told_before);
	redis_breaker_init(&after, changed, &told);
	redis_breaker_inherit(&after, &before);
	assert_false(redis_breaker_is_open(&after));
	redis_breaker_failed(&before, 0, &refused);

	redis_breaker_inherit(&after, &before);
	assert_int_equal(redis_breaker_enter(&after, &generation, &err), -1);
	assert_string_equal(err.text, "refused");
	assert_int_equal(told.downs, 0); /* that was told */
	redis_breaker_recovered(&after);
	assert_false(redis_breaker_is_open(&after));
	assert_int_equal(told.ups, 1);
	redis_breaker_fini(&after);

	told = (struct told){0, 0};
	redis_breaker_init(&after, changed, &told);
	redis_breaker_inherit(&after, &before);
	redis_breaker_still(&after, &other, 1);
	assert_int_equal(told.downs, 1); /* with a reason of its own */
	redis_breaker_still(&after, &other, 1);
	assert_int_equal(told.downs, 1);
	redis_breaker_recovered(&after);
	assert_int_equal(told.ups, 1);
	assert_int_equal(told_before.ups, 0);
	redis_breaker_fini(&after);
	redis_breaker_fini(&before);
}

/* While it is open, another kind of reason is told once, and not more than once a minute. */
static void
test_reasons(void **state)
{
	static const int64_t minute = REDIS_BREAKER_TELL_US;
	static const struct {
		const char *why;
		int64_t at_us;
		bool told;
	} rows[] = {
	    {"connection to Redis lost: Server closed the connection", 10, false},
	    {"cannot connect to Redis at unix:/x: Connection refused", 20, false},
	    {"no answer from Redis in time", 30, false},
	    {"Redis: NOAUTH Authentication required.", 40, true},
	    {"Redis: NOAUTH Authentication required.", 50, false},
	    {"cannot connect to Redis at unix:/x: Connection refused", 60, false},
	    {"Redis: WRONGPASS invalid username-password pair", minute + 39, false},
	    {"Redis: WRONGPASS invalid username-password pair", minute + 40, true},
	    {"Redis: WRONGPASS in other words", 5 * minute, false},
	    {"Redis: LOADING", 5 * minute, true},
	    {"Redis: LOADING Redis is loading the dataset in memory", 9 * minute, false},
	    {"no answer from Redis in time", 9 * minute, true},
	};
	struct redis_breaker breaker;
	struct told told = {0, 0};
	int want = 1;

	(void)state;
	redis_breaker_init(&breaker, changed, &told);
	for (int round = 0; round < 2; round++) {
		redis_breaker_failed(&breaker, (unsigned)round, &unreachable);
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			struct err why = {.code = ERR_UNAVAILABLE};

			(void)snprintf(why.text, sizeof(why.text), "%s", rows[i].why);
			redis_breaker_still(&breaker, &why, rows[i].at_us);
			want += rows[i].told;
			if (told.downs != want)
				fail_msg("round %d, row %zu: told %d", round, i, told.downs);
		}
		redis_breaker_recovered(&breaker);
		want++;
	}
	redis_breaker_fini(&breaker);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_opens),
	    cmocka_unit_test(test_closes),
	    cmocka_unit_test(test_inherit),
	    cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
