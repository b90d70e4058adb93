/*
 * test_report.c - lib/policy/report, report_set.
 */
#include "policy/report.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define DAY          INT64_C(1763683200) /* 2025-11-21 */

static const uint64_t secret[2] = {1, 2};

/* type, time after DAY, msg, nth, rcpt, who, tag, to, nrcpt, url, strength, class */
struct told {
	const char *type;
	int64_t time_s;
	const char *msg, *nth, *rcpt, *who, *tag, *to;
	int64_t nrcpt;
	const char *url, *strength, *class;
};

static struct report_event
event_of(const struct told *t)
{
	return (struct report_event){.time_s = DAY + t->time_s,
	    .nrcpt = t->nrcpt,
	    .type = slice_of(t->type),
	    .msg = slice_of(t->msg),
	    .nth = slice_of(t->nth),
	    .rcpt = slice_of(t->rcpt),
	    .who = slice_of(t->who),
	    .tag = slice_of(t->tag),
	    .to = slice_of(t->to),
	    .url = slice_of(t->url),
	    .strength = slice_of(t->strength),
	    .class = slice_of(t->class)};
}

static struct report *
report_of(enum report_by by, const struct told *told, size_t n)
{
	struct report *report = report_new(by, secret, NULL);
	struct err err = {ERR_NONE, ""};

	assert_non_null(report);
	for (int pass = report_must_learn(by) ? 0 : 1; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			struct report_event event = event_of(&told[i]);

			if ((pass == 0 ? report_learn : report_add)(report, &event, &err) != 0)
				fail_msg("event %zu: %s", i, err.text);
		}
	}
	return report;
}

static const struct told day[] = {
    {.type = "sent", .msg = "m1", .to = "ann@A.example", .nrcpt = 1, .tag = "x y"},
    {.type = "sent", .msg = "m1", .to = "ann@A.example", .nrcpt = 1, .tag = "x y"},
    {.type = "sent", .msg = "m2", .to = "bob@b.example, cy@a.example", .nrcpt = 3, .tag = "x x"},
    {.type = "sent", .nrcpt = 0},
    {.type = "opened", .time_s = 1, .msg = "m1", .nth = "1", .who = "human"},
    {.type = "opened",
	.time_s = 90000,
	.msg = "m1",
	.nth = "1",
	.rcpt = "ann@a.example",
	.who = "human"},
    {.type = "opened", .time_s = 1, .msg = "m1", .nth = "1", .who = "bot"},
    {.type = "opened", .time_s = 1, .msg = "m1", .nth = "1", .who = "proxy"},
    {.type = "opened", .time_s = 1, .msg = "m1", .nth = "1", .who = "?"},
    {.type = "opened", .time_s = 1, .msg = "m2", .who = "human"},
    {.type = "opened", .time_s = 1, .msg = "m2", .who = "human"},
    {.type = "opened", .time_s = 1, .msg = "m2", .rcpt = "BOB@b.example", .who = "human"},
    {.type = "opened", .time_s = 1, .msg = "m2", .rcpt = "bob@B.example", .who = "human"},
    {.type = "opened", .time_s = 1, .who = "human"},
    {.type = "opened", .time_s = 1, .who = "human"},
    {.type = "clicked", .time_s = 1, .msg = "m1", .nth = "1", .who = "human", .url = "http://x/"},
    {.type = "clicked", .time_s = 1, .msg = "m1", .nth = "1", .who = "human", .url = "http://y/"},
    {.type = "bounced",
	.msg = "m2",
	.rcpt = "bob@b.example",
	.strength = "hard",
	.class = "recipient"},
    {.type = "bounced",
	.msg = "m2",
	.rcpt = "bob@b.example",
	.strength = "hard",
	.class = "recipient"},
    {.type = "bounced", .msg = "m2", .rcpt = "cy@a.example", .class = "policy"},
    {.type = "deferred", .msg = "m2", .rcpt = "cy@a.example", .class = "policy"},
    {.type = "deferred", .msg = "m2", .rcpt = "cy@a.example", .class = "policy"},
    {.type = "deferred", .msg = "m1", .rcpt = "ann@a.example"},
    {.type = "complained", .msg = "m2", .rcpt = "cy@a.example"},
    {.type = "unsubscribed", .msg = "m2", .rcpt = "cy@a.example"},
    {.type = "refused", .rcpt = "cy@a.example"},
    {.type = "refused", .rcpt = "cy@a.example"},
    {.type = "suppressed"},
    {.type = "opened ", .msg = "m9", .who = "human"},
    {.type = NULL},
};

static void
assert_counts(const struct report_row *row, const char *what, const int64_t want[REPORT_COUNTS])
{
	for (unsigned i = 0; i < REPORT_COUNTS; i++) {
		if (row->counts[i] != want[i])
			fail_msg("%s: %s is %lld, want %lld", what, report_count_name(i),
			    (long long)row->counts[i], (long long)want[i]);
	}
}

static void
test_total(void **state)
{
	static const int64_t want[REPORT_COUNTS] = {
	    [REPORT_MESSAGES] = 3,
	    [REPORT_RCPTS] = 5, /* what says no number is one */
	    [REPORT_DELIVERED] = 3,
	    [REPORT_OPENED] = 5,
	    [REPORT_OPENED_TOTAL] = 8,
	    [REPORT_OPENED_MACHINE] = 1,
	    [REPORT_OPENED_MACHINE_TOTAL] = 2,
	    [REPORT_OPENED_UNKNOWN] = 1,
	    [REPORT_OPENED_UNKNOWN_TOTAL] = 1,
	    [REPORT_CLICKED] = 1,
	    [REPORT_CLICKED_TOTAL] = 2,
	    [REPORT_UNSUBSCRIBED] = 1,
	    [REPORT_BOUNCED_HARD] = 1,
	    [REPORT_BOUNCED_SOFT] = 1,
	    [REPORT_DEFERRED] = 2,
	    [REPORT_COMPLAINED] = 1,
	    [REPORT_SUPPRESSED] = 1,
	    [REPORT_REFUSED] = 2,
	};

	(void)state;
	for (enum report_by by = REPORT_BY_NOTHING; by <= REPORT_BY_CLASS; by++) {
		struct report *report = report_of(by, day, COUNT(day));

		report_sort(report);
		assert_counts(report_total(report), "total", want);
		assert_int_equal(report_without_rcpt(report), 4);
		report_free(report);
	}
}

/* Rows as "name messages/recipients opened/opened_total clicked". */
static void
rows_format(const struct report *report, struct buf *out)
{
	const struct report_row *rows;
	size_t n = report_rows(report, &rows);

	for (size_t i = 0; i < n; i++) {
		const int64_t *c = rows[i].counts;

		buf_add_format(out, "%s%d:", i > 0 ? "; " : "", (int)rows[i].kind);
		buf_add(out, rows[i].name);
		buf_add_format(out, " %lld/%lld %lld/%lld %lld", (long long)c[REPORT_MESSAGES],
		    (long long)c[REPORT_RCPTS], (long long)c[REPORT_OPENED],
		    (long long)c[REPORT_OPENED_TOTAL], (long long)c[REPORT_CLICKED]);
	}
}

static void
test_rows(void **state)
{
	static const struct {
		enum report_by by;
		const char *want;
	} rows[] = {
	    {REPORT_BY_NOTHING, ""},
	    {REPORT_BY_DAY, "0:2025-11-21 3/5 5/7 1; 0:2025-11-22 0/0 1/1 0"},
	    {REPORT_BY_TAG, "0:x 2/4 3/6 1; 0:y 1/1 1/2 1; 1: 1/1 2/2 0"},
	    {REPORT_BY_LINK, "0:http://x/ 0/0 0/0 1; 0:http://y/ 0/0 0/0 1"},
	    {REPORT_BY_DOMAIN,
		"0:a.example 2/2 1/2 1; 0:b.example 1/1 1/2 0; 1: 0/2 2/2 0; 2: 0/0 1/2 0"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct report *report = report_of(rows[i].by, day, COUNT(day));
		char storage[1024];
		struct buf got = BUF_OVER(storage);

		report_sort(report);
		rows_format(report, &got);
		assert_string_equal(buf_text(&got), rows[i].want);
		report_free(report);
	}
}

/* Rows as "name hard/soft/deferred". */
static void
test_classes(void **state)
{
	struct report *report = report_of(REPORT_BY_CLASS, day, COUNT(day));
	const struct report_row *rows;
	char storage[1024];
	struct buf got = BUF_OVER(storage);

	(void)state;
	report_sort(report);
	for (size_t i = 0; i < report_rows(report, &rows); i++) {
		const int64_t *c = rows[i].counts;

		buf_add_format(&got, "%.*s %lld/%lld/%lld; ", SLICE_ARG(rows[i].name),
		    (long long)c[REPORT_BOUNCED_HARD], (long long)c[REPORT_BOUNCED_SOFT],
		    (long long)c[REPORT_DEFERRED]);
	}
	assert_string_equal(buf_text(&got), "policy 0/1/1; recipient 1/0/0;  0/0/1; ");
	report_free(report);
}

static void
test_levels(void **state)
{
	static const struct {
		int64_t sent, hard, soft, complained;
		int64_t delivered;
		enum report_level bounces, complaints;
	} rows[] = {
	    {0, 0, 0, 0, 0, REPORT_LEVEL_FINE, REPORT_LEVEL_FINE},
	    {0, 5, 0, 5, 0, REPORT_LEVEL_FINE, REPORT_LEVEL_FINE},
	    {1000, 49, 200, 0, 751, REPORT_LEVEL_FINE, REPORT_LEVEL_FINE},
	    {1000, 50, 0, 0, 950, REPORT_LEVEL_RAISED, REPORT_LEVEL_FINE},
	    {1000, 99, 0, 0, 901, REPORT_LEVEL_RAISED, REPORT_LEVEL_FINE},
	    {1000, 100, 0, 0, 900, REPORT_LEVEL_HIGH, REPORT_LEVEL_FINE},
	    {10000, 0, 0, 9, 10000, REPORT_LEVEL_FINE, REPORT_LEVEL_FINE},
	    {10000, 0, 0, 10, 10000, REPORT_LEVEL_FINE, REPORT_LEVEL_RAISED},
	    {10000, 0, 0, 29, 10000, REPORT_LEVEL_FINE, REPORT_LEVEL_RAISED},
	    {10000, 0, 0, 30, 10000, REPORT_LEVEL_FINE, REPORT_LEVEL_HIGH},
	    {10000, 0, 400, 29, 9600, REPORT_LEVEL_FINE, REPORT_LEVEL_HIGH},
	    {10, 20, 0, 1, 0, REPORT_LEVEL_HIGH, REPORT_LEVEL_FINE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct report_row row = {.counts = {[REPORT_RCPTS] = rows[i].sent,
					     [REPORT_DELIVERED] = rows[i].delivered,
					     [REPORT_BOUNCED_HARD] = rows[i].hard,
					     [REPORT_BOUNCED_SOFT] = rows[i].soft,
					     [REPORT_COMPLAINED] = rows[i].complained}};

		if (report_bounces_level(&row) != rows[i].bounces ||
		    report_complaints_level(&row) != rows[i].complaints)
			fail_msg("row %zu", i);
	}
}

static void
test_counted(void **state)
{
	static const struct {
		const char *field;
		int64_t n;
	} fields[] = {{"opened human", 10}, {"opened human tag=x y", 4}, {"clicked bot", 5},
	    {"clicked bot url=http://x/", 2}, {"unsubscribed human", 1}, {"", 1}, {"opened", 1},
	    {"odd human", 1}, {"opened human", -1}, {"opened human", INT64_MAX}};
	static const char *const want[] = {"", "0:2025-11-21 0/0 0/11 0",
	    "0:x 0/0 0/4 0; 0:y 0/0 0/4 0; 1: 0/0 0/6 0", "0:http://x/ 0/0 0/0 0; 1: 0/0 0/0 0",
	    "1: 0/0 0/10 0"};
	struct err err = {ERR_NONE, ""};

	(void)state;
	for (enum report_by by = REPORT_BY_NOTHING; by <= REPORT_BY_DOMAIN; by++) {
		struct report *report = report_new(by, secret, NULL);
		char storage[1024];
		struct buf got = BUF_OVER(storage);

		for (size_t i = 0; i < COUNT(fields); i++)
			assert_int_equal(report_add_counted(report, DAY, slice_of(fields[i].field),
					     fields[i].n, &err),
			    0);
		report_sort(report);
		rows_format(report, &got);
		if (by != REPORT_BY_DAY)
			assert_string_equal(buf_text(&got), want[by]);
		assert_int_equal(report_total(report)->counts[REPORT_OPENED_TOTAL],
		    by == REPORT_BY_LINK ? 0 : 10);
		assert_int_equal(report_total(report)->counts[REPORT_OPENED], 0);
		assert_int_equal(report_total(report)->counts[REPORT_CLICKED_MACHINE_TOTAL], 5);
		report_free(report);
	}
}

/* Many rows, long names: others are counted together, and nothing is lost. */
static void
test_bounds(void **state)
{
	static const enum report_by kinds[] = {REPORT_BY_TAG, REPORT_BY_LINK};

	(void)state;
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct report *report = report_new(kinds[k], secret, NULL);
		const struct report_row *rows;
		int64_t sum = 0;
		size_t n;

		for (int i = 0; i < REPORT_ROWS_MAX + 50; i++) {
			char name[700];
			struct told told = {.type = "clicked",
			    .msg = "m",
			    .who = "human",
			    .tag = name,
			    .url = name};
			struct report_event event;

			(void)snprintf(name, sizeof(name), "%0650d", i);
			event = event_of(&told);
			assert_int_equal(report_add(report, &event, NULL), 0);
		}
		report_sort(report);
		n = report_rows(report, &rows);
		assert_in_range(n, REPORT_ROWS_MAX, REPORT_ROWS_MAX + 1);
		assert_int_equal(rows[n - 1].kind, REPORT_ROW_OTHERS);
		assert_int_equal(rows[0].name.n, REPORT_NAME_BYTES);
		for (size_t i = 0; i < n; i++)
			sum += rows[i].counts[REPORT_CLICKED_TOTAL];
		assert_int_equal(sum, REPORT_ROWS_MAX + 50);
		report_free(report);
	}
}

static void
test_set(void **state)
{
	struct report_set set;
	struct err err = {ERR_NONE, ""};
	uint32_t number;

	(void)state;
	report_set_init(&set, 5000, true);
	assert_false(report_set_find(&set, 7, &number));
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(
		    report_set_add(&set, (uint64_t)i << 50, i, &err), i < 16384 ? 1 : 0);
	for (uint32_t i = 0; i < 5000; i++) {
		assert_int_equal(report_set_add(&set, (uint64_t)i << 50, 9, &err), 0);
		assert_true(report_set_find(&set, (uint64_t)i << 50, &number));
		assert_int_equal(number, i);
	}
	assert_int_equal(report_set_add(&set, 12345, 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_false(report_set_find(&set, 12345, &number));
	report_set_fini(&set);
	report_set_init(&set, 0, false);
	assert_int_equal(report_set_add(&set, 1, 1, &err), -1);
	report_set_fini(&set);
}

static void
test_rate(void **state)
{
	(void)state;
	assert_int_equal(report_rate_millionths(1, 0), -1);
	assert_int_equal(report_rate_millionths(0, 5), 0);
	assert_int_equal(report_rate_millionths(1, 3), 333333);
	assert_int_equal(report_rate_millionths(3, 1), 3000000);
	assert_int_equal(report_rate_millionths(INT64_MAX, INT64_MAX), 1000000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_total),
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_levels),
	    cmocka_unit_test(test_counted),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_rate),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
