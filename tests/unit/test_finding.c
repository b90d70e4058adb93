/*
 * test_finding.c - lib/policy/finding.
 */
#include "policy/finding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NO_CAUSE     (-1)

/* One letter a finding: n note, s score (of 3), d defer, b block. */
static void
findings_make(struct findings *f, const char *kinds)
{
	static const char letters[] = "nsdb";

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; kinds[i] != '\0'; i++) {
		size_t kind = (size_t)(strchr(letters, kinds[i]) - letters);
		struct finding *new = findings_add(f, (enum finding_kind)kind, "check", "reason");

		assert_non_null(new);
		new->weight = 3;
	}
}

static void
test_decide(void **state)
{
	static const struct {
		const char *kinds;
		enum answer answer;
		int cause, score;
	} rows[] = {
	    {"", ANSWER_CONTINUE, NO_CAUSE, 0},
	    {"n", ANSWER_CONTINUE, NO_CAUSE, 0},
	    {"nssn", ANSWER_CONTINUE, NO_CAUSE, 6},
	    {"nd", ANSWER_DEFER, 1, 0},
	    {"sdd", ANSWER_DEFER, 1, 3},
	    {"b", ANSWER_REJECT, 0, 0},
	    {"ddb", ANSWER_REJECT, 2, 0},
	    {"bd", ANSWER_REJECT, 0, 0},
	    {"nbsb", ANSWER_REJECT, 1, 3},
	};
	struct findings f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict got;

		findings_make(&f, rows[i].kinds);
		got = decide(&f);
		if (got.answer != rows[i].answer ||
		    got.cause != (rows[i].cause == NO_CAUSE ? NULL : &f.v[rows[i].cause]) ||
		    findings_score(&f) != rows[i].score)
			fail_msg("\"%s\": %s, score %d", rows[i].kinds, answer_name(got.answer),
			    findings_score(&f));
	}
}

static void
test_shadow(void **state)
{
	static const struct {
		const char *kinds;
		size_t from;
		enum answer answer;
		const char *shadows; /* which are shadows afterwards: x an answer, s a score */
		int score;
		int score_shadow;
	} rows[] = {
	    {"db", 0, ANSWER_CONTINUE, "xx", 0, 0},
	    {"nsdb", 0, ANSWER_CONTINUE, ".sxx", 0, 3},
	    {"db", 1, ANSWER_DEFER, ".x", 0, 0},
	    {"bd", 1, ANSWER_REJECT, ".x", 0, 0},
	    {"db", 2, ANSWER_REJECT, "..", 0, 0},
	    {"ssn", 1, ANSWER_CONTINUE, ".s.", 3, 6},
	    {"ssn", 2, ANSWER_CONTINUE, "...", 6, 6},
	};
	struct findings f;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		findings_make(&f, rows[i].kinds);
		findings_shadow(&f, rows[i].from);
		assert_int_equal(decide(&f).answer, rows[i].answer);
		for (size_t k = 0; k < f.n; k++) {
			bool want = rows[i].shadows[k] == 'x';

			if ((f.v[k].would != NULL) != want ||
			    (want && f.v[k].kind != FINDING_NOTE) ||
			    f.v[k].shadow != (rows[i].shadows[k] == 's'))
				fail_msg("row %zu, finding %zu", i, k);
		}
		assert_int_equal(findings_score(&f), rows[i].score);
		assert_int_equal(findings_score_shadow(&f), rows[i].score_shadow);
	}
}

/* A list is used again for each recipient: nothing of the last one may show. */
static void
test_add_clears(void **state)
{
	struct findings f;
	struct finding *new;

	(void)state;
	memset(&f, 'x', sizeof(f));
	f.n = 0;
	f.over = false;
	new = findings_add(&f, FINDING_DEFER, "grey", "early");
	assert_ptr_equal(new, &f.v[0]);
	assert_int_equal(f.n, 1);
	assert_int_equal(new->kind, FINDING_DEFER);
	assert_string_equal(new->check, "grey");
	assert_string_equal(new->reason, "early");
	assert_null(new->xcode);
	assert_int_equal(new->weight, 0);
	assert_null(new->would);
	assert_false(new->shadow);
	assert_null(new->words);
	assert_null(new->detail);
	assert_int_equal(new->wait_s, 0);
	assert_int_equal(new->delay_s, 0);
	assert_string_equal(new->text, "");
}

static void
test_full(void **state)
{
	struct findings f = {.n = 0};

	(void)state;
	for (size_t i = 0; i < FINDINGS_MAX; i++)
		assert_non_null(findings_add(&f, FINDING_NOTE, "check", "reason"));
	assert_false(f.over);
	assert_null(findings_add(&f, FINDING_BLOCK, "check", "reason"));
	assert_true(f.over);
	assert_int_equal(f.n, FINDINGS_MAX);
	assert_int_equal(decide(&f).answer, ANSWER_CONTINUE);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(answer_name(ANSWER_CONTINUE), "accept");
	assert_string_equal(answer_name(ANSWER_DEFER), "defer");
	assert_string_equal(answer_name(ANSWER_REJECT), "reject");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decide),
	    cmocka_unit_test(test_shadow),
	    cmocka_unit_test(test_add_clears),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("finding", tests, NULL, NULL);
}
