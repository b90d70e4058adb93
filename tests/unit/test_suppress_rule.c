/*
 * test_suppress_rule.c - lib/policy/suppress_rule.
 */
#include "contract/suppress_steps.h"

#include "policy/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NOW          SUPPRESS_BASE

/* --- one after the other --- */

static bool
entry_eq(const struct suppression *a, const struct suppression *b)
{
	char a_storage[SUPPRESSION_TEXT_BYTES], b_storage[SUPPRESSION_TEXT_BYTES];
	struct buf a_text = BUF_OVER(a_storage);
	struct buf b_text = BUF_OVER(b_storage);

	suppression_format(a, &a_text);
	suppression_format(b, &b_text);
	return slice_eq(buf_slice(&a_text), buf_slice(&b_text));
}

static void
try_run(
    const struct suppress_scenario *s, const struct suppress_try *t, struct suppress_state *state)
{
	struct suppress_terms terms = {!s->ignores_failures, s->bounce_limit};
	struct suppress_state before = *state;
	struct suppress_ruling got = suppress_rule(state, t->what, &terms, NOW + t->at_s);
	const struct suppression *e = &state->entry;
	int64_t ends_s = e->until_s == 0 ? 0 : e->until_s - NOW;

	if (got.outcome != t->want || e->reason != t->reason || e->count != t->count ||
	    ends_s != t->ends_s || state->soft.count != t->soft || state->soft.steps != t->steps)
		fail_msg("%s, step %d: %s: %s %lld ends %lld, soft %lld %lld", s->name,
		    (int)(t - s->tries), suppress_outcome_name(got.outcome),
		    suppression_reason_name(e->reason), (long long)e->count, (long long)ends_s,
		    (long long)state->soft.count, (long long)state->soft.steps);
	/* what changed is said: a store writes nothing else */
	if (got.entry_changed == entry_eq(&before.entry, e) ||
	    got.soft_changed != (memcmp(&before.soft, &state->soft, sizeof(before.soft)) != 0))
		fail_msg("%s, step %d: changed: %d %d", s->name, (int)(t - s->tries),
		    got.entry_changed, got.soft_changed);
	if (got.outcome == RULED_SUPPRESSED)
		assert_true(slice_eq(slice_make(e->evidence, e->evidence_n), t->what->evidence));
}

static void
test_scenarios(void **state_)
{
	(void)state_;
	for (size_t i = 0; i < SUPPRESS_SCENARIOS; i++) {
		const struct suppress_scenario *s = &suppress_scenarios[i];
		struct suppress_state state = {.entry = {.reason = SUPPRESSED_NOT}};

		if (s->entry[0] != '\0')
			suppression_read(slice_of(s->entry), &state.entry);
		suppress_soft_read(slice_of(s->counted), &state.soft);
		for (const struct suppress_try *t = s->tries; t->what != NULL; t++)
			try_run(s, t, &state);
	}
}

/* --- all combinations --- */

/* What there may be, in the order of the columns below. */
static const char *const entries[] = {
    "",
    "bounced 3 1 2 1728000000 ended",
    "bounced 3 1 2 1728000001 for a while",
    "bounced 1 1 2 0 for good",
    "unsubscribed 1 1 2 0",
    "complained 1 1 2 0",
    "manual 1 1 2 0",
    "manual 1 1 2 1728000001",
};

/* U untouched, C counted, S suppressed, = stands, L lifted */
static const struct {
	const char *name;
	const char *below,
	    *at;         /* of the limit: the failure before it, and the one that reaches it */
	const char *off; /* suppress = off */
} effects[] = {
    {"soft", "CC======", "SS======", "UUUUUUUU"},
    {"hard", "SSS====S", "SSS====S", "UUUUUUUU"},
    {"failed", "UUUUUUUU", "UUUUUUUU", "UUUUUUUU"},
    {"delayed", "UUUUUUUU", "UUUUUUUU", "UUUUUUUU"},
    {"complained", "SSSSS==S", "SSSSS==S", "SSSSS==S"},
    {"unsubscribed", "SSSS===S", "SSSS===S", "SSSS===S"},
    {"delivered", "UULUUUUU", "UULUUUUU", "UULUUUUU"},
};

/* The one list of what may suppress, in other words than the code's. */
static const char *
effect_of(const struct suppress_return *what)
{
	static const char *const kinds[] = {
	    NULL, "delayed", "complained", "unsubscribed", "delivered"};
	bool his = what->class == BOUNCE_RECIPIENT || what->class == BOUNCE_MAILBOX_FULL;

	if (what->kind != RETURN_FAILED)
		return kinds[what->kind];
	return !his ? "failed" : what->hard && what->class != BOUNCE_MAILBOX_FULL ? "hard" : "soft";
}

static size_t
effect_index(const char *name)
{
	for (size_t i = 0; i < COUNT(effects); i++) {
		if (strcmp(effects[i].name, name) == 0)
			return i;
	}
	fail_msg("there is no %s", name);
	return 0;
}

static void
combination(const struct suppress_return *what, size_t column, int mode)
{
	static const char letters[] = {[RULED_UNTOUCHED] = 'U',
	    [RULED_COUNTED] = 'C',
	    [RULED_SUPPRESSED] = 'S',
	    [RULED_STANDS] = '=',
	    [RULED_LIFTED] = 'L'};
	struct suppress_terms terms = {mode != 2, 3};
	struct suppress_state state = {.soft = {mode == 1 ? 2 : 1, NOW - 5, NOW - 5, 0, 0}};
	size_t row = effect_index(effect_of(what));
	const char *wants = mode == 0   ? effects[row].below
			    : mode == 1 ? effects[row].at
					: effects[row].off;
	struct suppress_ruling got;
	bool held, holds;

	assert_string_equal(suppress_return_name(what), effects[row].name);
	if (entries[column][0] != '\0')
		suppression_read(slice_of(entries[column]), &state.entry);
	held = suppression_holds(&state.entry, NOW);
	got = suppress_rule(&state, what, &terms, NOW);
	holds = suppression_holds(&state.entry, NOW);
	if (letters[got.outcome] != wants[column])
		fail_msg("%s class %d hard %d, \"%s\", mode %d: %s", effects[row].name,
		    (int)what->class, what->hard, entries[column], mode,
		    suppress_outcome_name(got.outcome));
	/* the outcome says what the entry does; nobody is let free but by a delivery, nobody
	 * suppressed but by what may */
	assert_int_equal(
	    holds, (held && got.outcome != RULED_LIFTED) || got.outcome == RULED_SUPPRESSED);
	assert_true(holds || state.entry.reason == SUPPRESSED_NOT);
	if (got.outcome == RULED_UNTOUCHED)
		assert_int_equal(got.entry_changed, column == 1);
}

static void
test_combinations(void **state)
{
	(void)state;
	for (int kind = RETURN_FAILED; kind <= RETURN_DELIVERED; kind++) {
		for (int why = BOUNCE_UNKNOWN; why < BOUNCE_CLASSES; why++) {
			for (size_t i = 0; i < 6 * COUNT(entries); i++) {
				struct suppress_return what = {.kind = (enum return_kind)kind,
				    .class = (enum bounce_class)why,
				    .hard = i % 2 == 1};

				combination(
				    &what, i / 2 % COUNT(entries), (int)(i / 2 / COUNT(entries)));
			}
		}
	}
}

/* --- which of two stands --- */

static void
test_gives_way(void **state)
{
	static const struct {
		const char *there, *other;
		bool want;
	} rows[] = {
	    {"bounced 1 1 2 1728000000", "bounced 1 1 2 5", true}, /* it has ended */
	    {"bounced 1 1 2 1728000009", "bounced 1 1 2 1728000008", false},
	    {"bounced 1 1 2 1728000009", "bounced 1 1 2 1728000010", true},
	    {"bounced 1 1 2 1728000009", "bounced 1 1 2 0", true},
	    {"bounced 1 1 2 0", "complained 1 1 2 1728000009", false},
	    {"bounced 1 1 2 0", "complained 1 1 2 0", true},
	    {"bounced 1 1 2 0", "unsubscribed 1 1 2 0", true},
	    {"unsubscribed 1 1 2 0", "complained 1 1 2 0", true},
	    {"complained 1 1 2 0", "unsubscribed 1 1 9 0", false},
	    {"complained 1 1 2 0", "bounced 1 1 9 0", false},
	    {"complained 1 1 2 0", "manual 1 1 9 0", true},
	    {"manual 1 1 2 0", "complained 1 1 9 0", false},
	    {"manual 1 1 2 0", "manual 1 1 2 0", true},
	    {"manual 1 1 2 0", "manual 1 1 1 0", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct suppression there, other;

		suppression_read(slice_of(rows[i].there), &there);
		suppression_read(slice_of(rows[i].other), &other);
		if (suppress_gives_way(&there, &other, NOW) != rows[i].want)
			fail_msg("%s, %s", rows[i].there, rows[i].other);
	}
}

/* --- soft failures as text --- */

static void
test_soft(void **state)
{
	static const struct {
		const char *text;
		int64_t count, ttl_s;
	} rows[] = {
	    {"0 0 0 0 0", 0, 0},
	    {"1 1728000000 1728000000 0 0", 1, 30 * SUPPRESS_DAY},
	    {"2 1727999999 1728000000 0 0", 2, 30 * SUPPRESS_DAY - 1},
	    {"0 0 0 1 1728000000", 0, 90 * SUPPRESS_DAY},
	    {"1 1728000000 1728000000 3 1728000010", 1, 90 * SUPPRESS_DAY + 10},
	    {"1 1 1 0 0", 1, 0},
	    {"", 0, 0},
	    {"1 2 3 4", 0, 0},
	    {"1 2 3 4 x", 0, 0},
	    {"-1 2 3 4 5", 0, 0},
	    {"1 2 3 4 99999999999999999999", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[SUPPRESS_SOFT_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);
		struct suppress_soft soft, again;

		suppress_soft_read(slice_of(rows[i].text), &soft);
		assert_int_equal(soft.count, rows[i].count);
		assert_int_equal(suppress_soft_ttl_s(&soft, NOW), rows[i].ttl_s);
		suppress_soft_format(&soft, &out);
		suppress_soft_read(buf_slice(&out), &again);
		assert_memory_equal(&soft, &again, sizeof(soft));
	}
}

static void
test_terms(void **state)
{
	static const int words[] = {SUPPRESS_ON, SUPPRESS_OFF, SUPPRESS_REPORT};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct account account = {.suppress = words[i], .bounce_limit = 7};
		struct suppress_terms terms = suppress_terms_of(&account);

		assert_int_equal(terms.failures, words[i] != SUPPRESS_OFF);
		assert_int_equal(terms.bounce_limit, 7);
	}
}

static void
test_hostile_evidence(void **state_)
{
	char text[1000];
	struct suppress_return what = {
	    .kind = RETURN_COMPLAINED, .evidence = slice_make(text, sizeof(text))};
	struct suppress_terms terms = {true, 3};
	struct suppress_state state = {.entry = {.reason = SUPPRESSED_NOT}};
	char storage[SUPPRESSION_TEXT_BYTES];
	struct buf out = BUF_OVER(storage);
	struct suppression again;

	(void)state_;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	(void)suppress_rule(&state, &what, &terms, NOW);
	suppression_format(&state.entry, &out);
	assert_false(out.over);
	assert_int_equal(suppression_parse(buf_slice(&out), &again, NULL), 0);
	assert_int_equal(again.evidence_n, SUPPRESSION_EVIDENCE_BYTES);
	assert_memory_equal(again.evidence, state.entry.evidence, again.evidence_n);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scenarios),
	    cmocka_unit_test(test_combinations),
	    cmocka_unit_test(test_gives_way),
	    cmocka_unit_test(test_soft),
	    cmocka_unit_test(test_terms),
	    cmocka_unit_test(test_hostile_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
