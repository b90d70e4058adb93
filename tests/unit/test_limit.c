/*
 * test_limit.c - lib/policy/limit*.c.
 */
#include "contract/limit_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct records {
	struct limit_bucket bucket;
	struct limit_warmth warmth;
};

static struct limit_step
step_once(const struct limit_scenario *s, const struct limit_try *t, struct records *r)
{
	struct limit_ramp ramp;
	struct err err = {ERR_NONE, ""};

	if (s->ramp == NULL)
		return limit_advance(
		    &r->bucket, LIMIT_BASE + t->at_us, t->rate != NULL ? t->rate : &s->rate);
	if (limit_ramp_parse(slice_of(s->ramp), &ramp, &err) != 0)
		fail_msg("%s: %s", s->name, err.text);
	return limit_warm(&r->warmth, LIMIT_BASE + t->at_us, &ramp, t->more);
}

static void
try_check(const struct limit_scenario *s, const struct limit_try *t, const struct limit_step *got,
    bool last)
{
	if (got->outcome == t->want &&
	    (!last ||
		(got->wait_s == t->wait_s && got->count == t->count && got->limit == t->limit)))
		return;
	fail_msg("%s, step %d: got %s wait %lld count %lld limit %lld, want %s %lld %lld %lld",
	    s->name, (int)(t - s->tries), limit_outcome_name(got->outcome), (long long)got->wait_s,
	    (long long)got->count, (long long)got->limit, limit_outcome_name(t->want),
	    (long long)t->wait_s, (long long)t->count, (long long)t->limit);
}

static void
test_scenarios(void **state)
{
	(void)state;
	for (size_t i = 0; i < LIMIT_SCENARIOS; i++) {
		const struct limit_scenario *s = &limit_scenarios[i];
		struct records r = {{0, 0, 0}, {0, 0, 0}};

		for (const struct limit_try *t = s->tries; t->times > 0; t++) {
			for (int n = 1; n <= t->times; n++) {
				struct limit_step got = step_once(s, t, &r);

				try_check(s, t, &got, n == t->times);
			}
		}
	}
}

static void
test_rates(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} rows[] = {
	    {"200/s", 5000},
	    {"1/s", 1000000},
	    {"30/m", 2000000},
	    {"1000/h", 3600000},
	    {"5000/d", 17280000},
	    {"1/d", 86400000000},
	    {"3/s", 333333},
	    {"100000/s", 10},
	    {"off", 0},
	    {"OFF", 0},
	    {"100001/s", -1},
	    {"99999999999999999999/s", -1},
	    {"0/s", -1},
	    {"", -1},
	    {"/s", -1},
	    {"200", -1},
	    {"200/", -1},
	    {"200/w", -1},
	    {"200/S", -1},
	    {"200 /s", -1},
	    {"200/s/s", -1},
	    {"-1/s", -1},
	    {"1.5/s", -1},
	    {"20O/s", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {ERR_NONE, ""};
		int64_t got = -2;
		int rc = limit_rate_parse(slice_of(rows[i].text), &got, &err);

		if (rows[i].want < 0 ? rc != -1 || err.code == ERR_NONE
				     : rc != 0 || got != rows[i].want)
			fail_msg("%s: %d, %lld, %s", rows[i].text, rc, (long long)got, err.text);
	}
}

static void
test_ramps(void **state)
{
	static const struct {
		const char *text;
		int64_t want[5]; /* of the days 0, 1, 2, 8, 100; -1: refused */
	} rows[] = {
	    {"off", {0, 0, 0, 0, 0}},
	    {"on", {50, 100, 200, 10000, LIMIT_RAMP_OVER}},
	    {"ON", {50, 100, 200, 10000, LIMIT_RAMP_OVER}},
	    {" 50  x2 10000 x1.3 ", {50, 100, 200, 10000, LIMIT_RAMP_OVER}},
	    {"1 x1.01", {1, 2, 3, 9, 101}},
	    {"1 x10", {1, 10, 100, LIMIT_RAMP_OVER, LIMIT_RAMP_OVER}},
	    {"100 x2 150 x1.25 200 X1.5", {100, 150, 187, 1518, LIMIT_RAMP_OVER}},
	    {"", {-1}},
	    {"50", {-1}},
	    {"0 x2", {-1}},
	    {"x2", {-1}},
	    {"50 2", {-1}},
	    {"50 x", {-1}},
	    {"50 x1", {-1}},
	    {"50 x0.5", {-1}},
	    {"50 x11", {-1}},
	    {"50 x1.", {-1}},
	    {"50 x.5", {-1}},
	    {"50 x1.333", {-1}},
	    {"50 x2 50 x2", {-1}},
	    {"50 x2 100", {-1}},
	    {"50 x2 x2", {-1}},
	    {"50 x2 10000001 x2", {-1}},
	    {"1 x2 2 x2 3 x2 4 x2 5 x2", {-1}},
	    {"yes", {-1}},
	};
	static const int64_t days[] = {0, 1, 2, 8, 100};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {ERR_NONE, ""};
		struct limit_ramp ramp;
		int rc = limit_ramp_parse(slice_of(rows[i].text), &ramp, &err);

		if ((rows[i].want[0] < 0) != (rc != 0) || (rc != 0) != (err.code != ERR_NONE))
			fail_msg("%s: %d, %s", rows[i].text, rc, err.text);
		for (size_t d = 0; rc == 0 && d < COUNT(days); d++) {
			if (limit_ramp_at(&ramp, days[d]) != rows[i].want[d])
				fail_msg("%s, day %lld: %lld", rows[i].text, (long long)days[d],
				    (long long)limit_ramp_at(&ramp, days[d]));
		}
	}
}

static void
test_words(void **state)
{
	static const struct {
		struct limit_step step;
		const char *want;
	} rows[] = {
	    {{LIMIT_PASS, 0, 1, 5}, ""},
	    {{LIMIT_RATE, 7, 1, 5}, "sending too fast, try again in 7 s"},
	    {{LIMIT_DAILY, 7, 5, 5}, "the limit of 5 recipients a day is reached"},
	    {{LIMIT_WARMUP, 7, 5, 5}, "the warm-up limit of 5 recipients today is reached"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[100];
		struct buf out = BUF_OVER(storage);

		limit_words(&out, &rows[i].step);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scenarios),
	    cmocka_unit_test(test_rates),
	    cmocka_unit_test(test_ramps),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
