/*
 * test_explain.c - lib/policy/explain.
 */
#include "policy/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define LIMITS       "block=30 low=10 medium=20 high=30"

#define GREYLISTED                                                                                 \
	"Greylisting puts strangers off once: a retry when the time is over passes. "              \
	"`gatepostctl grey allow 192.0.2.7` lets this client in at once.\n"

static const struct {
	const char *name;
	const char *limits;
	const char *score;
	const char *findings;
	const char *want; /* the sentences, with a LF behind each */
} rows[] = {
    {"nobody looked", "", "", "", "No check judged it: it was exempt (role).\n"},
    {"nothing was found", "", "0", "", "Nothing stood in its way.\n"},
    {"far below", LIMITS, "0", "", "The score, 0, is 10 below the next limit, low at 10.\n"},
    {"one listing too many", LIMITS, "35",
	"dnsbl listed score 10 listed by bl.example; spf fail score 25 ; score block block 0 "
	"refused",
	"Without \"listed by bl.example\" (dnsbl, 10) the score would be 25, below block at 30.\n"
	"Without SPF fail (25) the score would be 10, below block at 30.\n"},
    {"two needed", LIMITS, "62",
	"dnsbl listed score 20 listed by a; dnsbl listed score 25 listed by b; rdns none score 12 "
	"; "
	"spf softfail score 5 ",
	"No single finding made the difference; without \"listed by b\" (dnsbl, 25) and \"listed "
	"by "
	"a\" (dnsbl, 20) the score would be 17, below block at 30.\n"},
    {"the same weight twice", LIMITS, "60", "a x score 30 ; b y score 30 ",
	"No single finding made the difference; without a x (30) and b y (30) the score would be "
	"0, "
	"below block at 30.\n"},
    {"a limit in the middle", LIMITS, "22",
	"spf fail score 15 ; rdns none score 8 ; dnsbl allowed score -1 allowed by w",
	"Without SPF fail (15) the score would be 7, below medium at 20.\n"
	"Without reverse DNS none (8) the score would be 14, below medium at 20.\n"},
    {"exactly at the limit", LIMITS, "10", "spf softfail score 10 ",
	"Without SPF softfail (10) the score would be 0, below low at 10.\n"},
    {"no weight explains it", LIMITS, "40", "spf fail score 5 ",
	"The score, 40, reaches block at 30; not all that made it is in the record, or it is too "
	"much "
	"to name.\n"},
    {"limits that are never reached", "block=0 low=0 medium=0 high=0", "40", "spf fail score 40 ",
	"Nothing stood in its way.\n"},
    {"only a block", LIMITS, "5",
	"dnsbl block block 0 listed by bl.example; rdns mismatch score 5 ",
	"Only \"listed by bl.example\" (dnsbl) stands in the way.\n"
	"The score, 5, is 5 below the next limit, low at 10.\n"},
    {"a block, and a score that does less", LIMITS, "12", "rdns none block 0 ; spf x score 12 ",
	"Only reverse DNS none stands in the way; the score, 12, reaches low at 10.\n"
	"Without SPF x (12) the score would be 0, below low at 10.\n"},
    {"a block, and the score", LIMITS, "40", "rdns none block 0 ; spf fail score 40 ",
	"reverse DNS none is enough by itself; the score, 40, reaches block at 30.\n"
	"Without SPF fail (40) the score would be 0, below block at 30.\n"},
    {"two blocks", "", "", "rdns none block 0 ; dnsbl block block 0 listed by x",
	"Each is enough by itself: reverse DNS none and \"listed by x\" (dnsbl).\n"},
    {"quarantine", "", "0", "dmarc fail quarantine 0 policy of example.org",
	"Only DMARC fail stands in the way.\n"},
    {"the score's own quarantine", LIMITS, "22",
	"spf fail score 22 ; score medium quarantine 0 spam filter",
	"Without SPF fail (22) the score would be 0, below medium at 20.\n"},
    {"greylisted, twice", "", "", "grey new defer 0 Greylisted; grey early defer 0 Greylisted",
	GREYLISTED},
    {"greylisted with a score", LIMITS, "8", "rdns none score 8 ; grey new defer 0 Greylisted",
	GREYLISTED "The score, 8, is 2 below the next limit, low at 10.\n"},
    {"other defers", "", "",
	"inbound split defer 0 x; spf error defer 0 x; spf error defer 0 y; limit full defer 0 ",
	"Some recipients were put off because another policy applies to others of this message: "
	"they "
	"get it in a transaction of their own.\n"
	"SPF could not tell, and its on_error puts mail off then.\n"
	"limit (full) only puts mail off: the client may try again.\n"},
    {"a listing with a code", "", "",
	"dnsbl block block 0 Sending address not accepted, listed by bl.example (T3Z8ABCDEF) "
	"127.0.0.2",
	"Only \"listed by bl.example\" (dnsbl) stands in the way.\n"},
    {"only notes", "", "", "spf pass note 0 x", "Nothing stood in its way.\n"},
    {"shadowed weights do not count", LIMITS, "0", "dnsbl listed shadow 30 listed by x",
	"The score, 0, is 10 below the next limit, low at 10.\n"},
};

static void
record_make(struct record *record, size_t i)
{
	record_init(record);
	record_add(record, "client", slice_of("192.0.2.7"));
	record_add(record, "rcpt", slice_of("postmaster accept role"));
	record_add(record, "limits", slice_of(rows[i].limits));
	record_add(record, "score", slice_of(rows[i].score));
	record_add(record, "findings", slice_of(rows[i].findings));
}

static void
lines_write(struct buf *out, const struct explain *explain)
{
	for (size_t i = 0; i < explain->n; i++)
		buf_add_format(out, "%s\n", explain->v[i].text);
}

static void
test_sentences(void **state)
{
	static struct explain explain;
	static struct record record;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[2000];
		struct buf out = BUF_OVER(storage);

		record_make(&record, i);
		explain_make(&explain, &record);
		lines_write(&out, &explain);
		if (strcmp(buf_text(&out), rows[i].want) != 0)
			fail_msg("%s: got\n%swant\n%s", rows[i].name, buf_text(&out), rows[i].want);
	}
}

static void
test_more(void **state)
{
	static struct explain explain;
	static struct record record;

	(void)state;
	record_init(&record);
	record_add(&record, "findings", slice_of("spf pass note 0 "));
	record_add(&record, "would", slice_of("reject"));
	record_add(&record, "on_error", slice_of("dnsbl"));
	explain_make(&explain, &record);
	assert_int_equal(explain.n, 2);
	assert_string_equal(explain.v[0].text, "But for shadow mode it would have been refused.");
	assert_string_equal(explain.v[1].text,
	    "dnsbl could not tell, so what its section's on_error says was done.");
}

/* Fields of a record, name and value in turn, up to a NULL; and a sentence that is, or is not, among
 * what is said. */
static void
test_facts(void **state)
{
	static const struct {
		const char *name;
		const char *fields[12];
		const char *part;
		bool said;
	} facts[] = {
	    {"the null sender", {"action", "defer", "from", "<>", "reply", "451 4.7.1 Greylisted"},
		"Put off at DATA, as mail from the null sender is", true},
	    {"and how to let it in",
		{"client", "192.0.2.7", "action", "defer", "from", "<>", "reply", "451 4.7.1 G"},
		"grey allow 192.0.2.7", true},
	    {"a recipient of the null sender",
		{"action", "defer", "from", "<>", "reply", "451 4.7.1 G", "findings",
		    "spf error defer 0 x"},
		"at DATA", false},
	    {"a failure", {"action", "defer", "from", "<>", "reply", "451 4.3.0 x"}, "at DATA",
		false},
	    {"another sender", {"action", "defer", "from", "a@b", "reply", "451 4.7.1 G"},
		"at DATA", false},
	    {"who would have", {"would", "reject:dmarc"}, "would have been refused, by DMARC.",
		true},
	    {"what would have", {"would", "defer:grey"}, "would have been put off, by greylisting.",
		true},
	    {"an exception for DMARC",
		{"dmarc", "fail for a.example, p=reject at a.example, done: reject", "findings",
		    "dmarc fail block 0 Message not accepted"},
		"with a.example in dmarc.accept", true},
	    {"none for From",
		{"dmarc", "permerror for a.example", "findings",
		    "dmarc excessive block 0 Message not accepted"},
		"dmarc.accept", false},
	    {"nor in shadow mode",
		{"dmarc", "fail for a.example, done: none", "findings",
		    "dmarc fail note 0 Message not accepted"},
		"dmarc.accept", false},
	};
	static struct explain explain;
	static struct record record;

	(void)state;
	for (size_t i = 0; i < COUNT(facts); i++) {
		char storage[2000];
		struct buf out = BUF_OVER(storage);

		record_init(&record);
		for (const char *const *f = facts[i].fields; f[0] != NULL; f += 2)
			record_add(&record, f[0], slice_of(f[1]));
		explain_make(&explain, &record);
		lines_write(&out, &explain);
		if ((strstr(buf_text(&out), facts[i].part) != NULL) != facts[i].said)
			fail_msg("%s: %s", facts[i].name, buf_text(&out));
	}
}

/* What a finding says, and whether shadow mode kept it from anything. */
static void
test_text(void **state)
{
	static const struct {
		const char *finding;
		const char *would;
		const char *want;
	} findings[] = {
	    {"dnsbl listed score 10 listed by a.example", "", "listed by a.example"},
	    {"rdns none score 8 no name", "", "none: no name"},
	    {"grey known note 0 ", "reject:dmarc", "known"},
	    {"dmarc fail block 0 Message not accepted (T3Z8ABCDEF)", "",
		"fail: Message not accepted"},
	    {"dnsbl block block 0 listed by a (T3Z8ABCDEF) 127.0.0.2", "",
		"block: listed by a 127.0.0.2"},
	    {"x y note 0 T3Z8ABCDEF", "", "y: T3Z8ABCDEF"},
	    {"x y note 0 (T3Z8ABCDEF)", "", "y: (T3Z8ABCDEF)"},
	    {"score score block 0 Sending address not accepted", "", "the sum reaches block at 30"},
	    {"score medium quarantine 0 spam filter", "", "the sum reaches medium at 20"},
	    {"score score note 0 Sending address not accepted", "reject:score",
		"the sum reaches block at 30 (shadow: would have been refused)"},
	    {"score shadow note 0 ", "reject:score", "shadow (shadow: would have been refused)"},
	    {"dmarc fail note 0 Message not accepted", "reject:dmarc",
		"fail: Message not accepted (shadow: would have been refused)"},
	    {"dmarc fail note 0 Message not accepted", "reject",
		"fail: Message not accepted (shadow: would have been refused)"},
	    {"dmarc fail note 0 the DMARC policy of a asks for quarantine", "reject:score",
		"fail: the DMARC policy of a asks for quarantine (shadow: would have been held)"},
	    {"grey new note 0 Greylisted", "reject:spf",
		"new: Greylisted (shadow: would have been put off)"},
	    {"grey new note 0 Greylisted", "", "new: Greylisted"},
	};
	static struct record record;

	(void)state;
	for (size_t i = 0; i < COUNT(findings); i++) {
		static char storage[EXPLAIN_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);
		struct slice rest = slice_of(findings[i].finding);
		struct record_finding v;

		record_init(&record);
		record_add(&record, "code", slice_of("T3Z8ABCDEF"));
		record_add(&record, "limits", slice_of(LIMITS));
		record_add(&record, "would", slice_of(findings[i].would));
		assert_true(record_finding_next(&rest, &v));
		explain_text(&out, &record, &v);
		assert_string_equal(buf_text(&out), findings[i].want);
	}
}

/* Whatever a record holds, there is an end to what is said about it. */
static void
test_bounds(void **state)
{
	static struct explain explain;
	static struct record record;
	static char text[RECORD_VALUE_BYTES];
	struct buf out = BUF_OVER(text);

	(void)state;
	for (int i = 0; i < 100; i++)
		buf_add_format(&out, "check%d %d defer 9 %0200d; ", i, i, i);
	record_init(&record);
	record_add(&record, "limits", slice_of("low=1"));
	record_add(&record, "score", slice_of("100"));
	record_add(&record, "findings", buf_slice(&out));
	explain_make(&explain, &record);
	assert_in_range(explain.n, 1, EXPLAIN_MAX);
	buf_reset(&out);
	for (int i = 0; i < 100; i++)
		buf_add_format(&out, "%0300d x block 9 %0300d; a%d b defer 0 ;", i, i, i);
	record_init(&record);
	record_add(&record, "findings", buf_slice(&out));
	explain_make(&explain, &record);
	assert_in_range(explain.n, 1, EXPLAIN_MAX);
	for (size_t i = 0; i < explain.n; i++)
		assert_true(strlen(explain.v[i].text) < EXPLAIN_BYTES);
}

static void
test_limits(void **state)
{
	struct record_limit limit;

	(void)state;
	assert_false(explain_limit_reached(slice_of(LIMITS), 9, &limit));
	assert_true(explain_limit_reached(slice_of(LIMITS), 29, &limit));
	assert_int_equal(limit.value, 20);
	assert_true(explain_limit_reached(slice_of(LIMITS), 30, &limit));
	assert_true(slice_eq(limit.name, slice_of("block")));
	assert_true(explain_limit_next(slice_of(LIMITS), 10, &limit));
	assert_int_equal(limit.value, 20);
	assert_true(explain_limit_next(slice_of(LIMITS), -5, &limit));
	assert_true(slice_eq(limit.name, slice_of("low")));
	assert_false(explain_limit_next(slice_of(LIMITS), 30, &limit));
	assert_false(explain_limit_next(slice_of(""), 30, &limit));
	assert_false(explain_limit_next(slice_of("block=0 low=0"), -3, &limit));
	assert_false(explain_limit_reached(slice_of("block=0 low=0"), 30, &limit));
	assert_false(explain_limit_reached(slice_of(""), 30, &limit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sentences),
	    cmocka_unit_test(test_more),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
