/*
 * test_score.c - lib/policy/score.
 */
#include "policy/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CODE         "0123456789"
#define BEGIN        "Sending address not accepted due to spam filter ("

/* ---- levels ---- */

static const struct score_limits usual = {
    30, 10, 20, 30, SCORE_ACTION_HEADER, SCORE_ACTION_PREFIX, SCORE_ACTION_REJECT};

static void
test_judge(void **state)
{
	static const struct score_limits only_medium = {
	    .medium = 20, .medium_action = SCORE_ACTION_QUARANTINE};
	static const struct score_limits off = {.low_action = SCORE_ACTION_DISCARD};
	static const struct {
		const struct score_limits *limits;
		int score;
		enum score_level level;
		enum score_action action;
		bool blocks;
	} rows[] = {
	    {&usual, -100, SCORE_CLEAN, SCORE_ACTION_NONE, false},
	    {&usual, 0, SCORE_CLEAN, SCORE_ACTION_NONE, false},
	    {&usual, 9, SCORE_CLEAN, SCORE_ACTION_NONE, false},
	    {&usual, 10, SCORE_LOW, SCORE_ACTION_HEADER, false},
	    {&usual, 19, SCORE_LOW, SCORE_ACTION_HEADER, false},
	    {&usual, 20, SCORE_MEDIUM, SCORE_ACTION_PREFIX, false},
	    {&usual, 29, SCORE_MEDIUM, SCORE_ACTION_PREFIX, false},
	    {&usual, 30, SCORE_HIGH, SCORE_ACTION_REJECT, true},
	    {&usual, 4000, SCORE_HIGH, SCORE_ACTION_REJECT, true},
	    {&only_medium, 19, SCORE_CLEAN, SCORE_ACTION_NONE, false},
	    {&only_medium, 99, SCORE_MEDIUM, SCORE_ACTION_QUARANTINE, false},
	    {&off, 0, SCORE_CLEAN, SCORE_ACTION_NONE, false},
	    {&off, 99, SCORE_CLEAN, SCORE_ACTION_NONE, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct score_result got = score_judge(rows[i].limits, rows[i].score);

		if (got.level != rows[i].level || got.action != rows[i].action ||
		    score_blocks(rows[i].limits, rows[i].score) != rows[i].blocks)
			fail_msg("row %zu, score %d: %s, %s", i, rows[i].score,
			    score_level_name(got.level), score_action_words[got.action]);
	}
}

static void
test_limits_check(void **state)
{
	static const struct {
		int64_t low, medium, high;
		int want;
	} rows[] = {
	    {10, 20, 30, 0},
	    {0, 0, 0, 0},
	    {10, 0, 30, 0},
	    {0, 0, 1, 0},
	    {10, 10, 30, -1},
	    {30, 20, 10, -1},
	    {30, 0, 10, -1},
	    {-1, 20, 30, -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct score_limits limits = {
		    .low = rows[i].low, .medium = rows[i].medium, .high = rows[i].high};
		struct err err;

		if (score_limits_check(&limits, &err) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

static void
test_names(void **state)
{
	static const char *const want[] = {
	    "none", "header", "prefix", "quarantine", "discard", "reject"};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_string_equal(score_action_words[i], want[i]);
		assert_string_equal(score_action_words[i], want[i]);
	}
	assert_null(score_action_words[COUNT(want)]);
	assert_string_equal(score_level_name(SCORE_CLEAN), "clean");
	assert_string_equal(score_level_name(SCORE_LOW), "low");
	assert_string_equal(score_level_name(SCORE_MEDIUM), "medium");
	assert_string_equal(score_level_name(SCORE_HIGH), "high");
}

/* ---- causes ---- */

struct row {
	enum finding_kind kind;
	int weight;
	const char *words;
	const char *xcode;
	bool shadow;
};

#define ROWS_MAX        6
#define SCORE(n, words) FINDING_SCORE, n, words, NULL, false
#define CODED(n, xcode) FINDING_SCORE, n, "x", xcode, false

static void
findings_make(struct findings *f, const struct row *rows)
{
	f->n = 0;
	f->over = false;
	for (; rows->words != NULL; rows++) {
		struct finding *new = findings_add(f, rows->kind, "check", "reason");

		assert_non_null(new);
		new->weight = rows->weight;
		new->words = rows->words[0] == '\0' ? NULL : rows->words;
		new->xcode = rows->xcode;
		new->shadow = rows->shadow;
	}
}

static void
test_text(void **state)
{
	static const struct {
		struct row rows[ROWS_MAX];
		const char *code, *want;
	} rows[] = {
	    {{{SCORE(8, "no reverse DNS name")}}, CODE, BEGIN "no reverse DNS name; " CODE ")"},
	    {{{SCORE(8, "no reverse DNS name")}}, "", BEGIN "no reverse DNS name)"},
	    {{{SCORE(8, "no reverse DNS name")}}, NULL, BEGIN "no reverse DNS name)"},
	    {{{SCORE(8, "no reverse DNS name")}, {SCORE(25, "listed by zen.example")}}, CODE,
		BEGIN "listed by zen.example, no reverse DNS name; " CODE ")"},
	    {{{SCORE(3, "a")}, {SCORE(5, "b")}, {SCORE(4, "c")}, {SCORE(6, "d")}}, CODE,
		BEGIN "d, b, c; " CODE ")"},
	    {{{SCORE(6, "a")}, {SCORE(5, "b")}, {SCORE(4, "c")}, {SCORE(3, "d")}}, CODE,
		BEGIN "a, b, c; " CODE ")"},
	    {{{SCORE(5, "a")}, {SCORE(5, "b")}, {SCORE(5, "c")}, {SCORE(5, "d")}}, CODE,
		BEGIN "a, b, c; " CODE ")"},
	    {{{SCORE(50, "a")}, {FINDING_BLOCK, 0, "b", NULL, false}}, CODE,
		BEGIN "b, a; " CODE ")"},
	    {{{SCORE(0, "a")}, {SCORE(-5, "b")}, {SCORE(1, "c")}}, CODE, BEGIN "c; " CODE ")"},
	    {{{FINDING_NOTE, 9, "a", NULL, false}, {FINDING_SCORE, 9, "b", NULL, true},
		 {SCORE(1, "c")}, {FINDING_DEFER, 9, "d", NULL, false}},
		CODE, BEGIN "c; " CODE ")"},
	    {{{SCORE(1, "")}}, CODE, BEGIN "reason; " CODE ")"},
	    {{{.words = NULL}}, CODE, BEGIN "score; " CODE ")"},
	    {{{SCORE(1, "a\r\nb\x7f\xc3\xa4")}}, "1\n2", BEGIN "a??b???; 1?2)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings f;
		char got[FINDING_TEXT_BYTES];

		findings_make(&f, rows[i].rows);
		score_text(got, &f, rows[i].code);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: \"%s\"", i, got);
	}
}

/* A check may write its cause into the finding; a sentence of its own is no cause. */
static void
test_own_text(void **state)
{
	struct findings f = {.n = 0};
	char got[FINDING_TEXT_BYTES];
	struct finding *listed = findings_add(&f, FINDING_SCORE, "dnsbl", "listed");
	struct finding *block = findings_add(&f, FINDING_BLOCK, "rdns", "no_ptr");

	(void)state;
	listed->weight = 5;
	memcpy(listed->text, "listed by a", sizeof("listed by a"));
	memcpy(block->text, "Go away", sizeof("Go away"));
	score_text(got, &f, CODE);
	assert_string_equal(got, BEGIN "no_ptr, listed by a; " CODE ")");
}

/* A cause that does not fit is left away; the first is cut. The code is always there. */
static void
test_text_long(void **state)
{
	static char words[3][400];
	struct findings f = {.n = 0};
	char got[FINDING_TEXT_BYTES];

	(void)state;
	for (size_t n = 1; n < 399; n++) {
		f.n = 0;
		for (size_t i = 0; i < 3; i++) {
			memset(words[i], 'a' + (int)i, n);
			findings_add(&f, FINDING_SCORE, "check", "reason")->weight = 1;
			f.v[i].words = words[i];
		}
		score_text(got, &f, CODE);
		assert_true(strlen(got) < FINDING_TEXT_BYTES);
		assert_non_null(strstr(got, n < 177 ? words[0] : "aaaaaaaa"));
		assert_non_null(strstr(got, "; " CODE ")"));
		/* never a part of a further cause */
		assert_true(strchr(got, 'c') != NULL);
		if (strstr(got, ", b") != NULL)
			assert_non_null(strstr(got, words[1]));
	}
	assert_int_equal(strlen(got), FINDING_TEXT_BYTES - 1);
	memset(words[0], 'x', sizeof(words[0]) - 1);
	score_text(got, &f, words[0]); /* a code of that length is a mistake, but no overrun */
	assert_true(strlen(got) < FINDING_TEXT_BYTES);
}

static void
test_xcode(void **state)
{
	static const struct {
		struct row rows[ROWS_MAX];
		const char *want, *want_temporary;
	} rows[] = {
	    {{{.words = NULL}}, "5.7.1", "4.7.1"},
	    {{{CODED(5, NULL)}}, "5.7.1", "4.7.1"},
	    {{{CODED(5, "5.7.25")}}, "5.7.25", "4.7.25"},
	    {{{CODED(5, "5.7.23")}}, "5.7.23", "4.7.23"},
	    {{{CODED(5, "4.7.24")}}, "5.7.24", "4.7.24"},
	    {{{CODED(5, "5.7.20")}}, "5.7.20", "4.7.20"},
	    {{{CODED(5, "5.7.21")}}, "5.7.21", "4.7.21"},
	    {{{CODED(5, "5.7.22")}}, "5.7.22", "4.7.22"},
	    {{{CODED(5, "5.7.26")}}, "5.7.26", "4.7.26"},
	    {{{CODED(5, "5.1.1")}}, "5.7.1", "4.7.1"},
	    /* the heaviest says it */
	    {{{CODED(5, NULL)}, {CODED(8, "5.7.25")}}, "5.7.25", "4.7.25"},
	    {{{CODED(9, NULL)}, {CODED(8, "5.7.25")}}, "5.7.1", "4.7.1"},
	    /* more than one authentication of the message; the host is another matter */
	    {{{CODED(30, "5.7.23")}, {CODED(5, "5.7.20")}}, "5.7.26", "4.7.26"},
	    {{{CODED(30, "5.7.23")}, {CODED(8, "5.7.25")}}, "5.7.23", "4.7.23"},
	    {{{CODED(30, "5.7.23")}, {CODED(8, "5.7.23")}}, "5.7.23", "4.7.23"},
	    {{{CODED(30, "5.7.25")}, {CODED(8, "5.7.23")}, {CODED(8, "5.7.20")}}, "5.7.25",
		"4.7.25"},
	    {{{CODED(30, "5.7.23")}, {FINDING_SCORE, 5, "x", "5.7.20", true}}, "5.7.23", "4.7.23"},
	    {{{CODED(30, "5.7.23")}, {FINDING_BLOCK, 0, "x", "5.7.25", false}}, "5.7.25", "4.7.25"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings f;

		findings_make(&f, rows[i].rows);
		if (strcmp(score_xcode(&f, false), rows[i].want) != 0 ||
		    strcmp(score_xcode(&f, true), rows[i].want_temporary) != 0)
			fail_msg("row %zu: %s", i, score_xcode(&f, false));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_judge),
	    cmocka_unit_test(test_limits_check),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_own_text),
	    cmocka_unit_test(test_text_long),
	    cmocka_unit_test(test_xcode),
	};

	return cmocka_run_group_tests_name("score", tests, NULL, NULL);
}
