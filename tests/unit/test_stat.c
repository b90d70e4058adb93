/*
 * test_stat.c - lib/policy/stat.
 */
#include "policy/stat.h"

#include "policy/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_names(void **state)
{
	static const struct {
		unsigned stat;
		const char *want;
	} rows[] = {
	    {STAT_GREY_ASKED, "grey_asked"},
	    {STAT_GREY_NEW, "grey_new"},
	    {STAT_GREY_EARLY, "grey_early"},
	    {STAT_GREY_PASSED, "grey_passed"},
	    {STAT_GREY_REPEAT, "grey_repeat"},
	    {STAT_GREY_KNOWN, "grey_known"},
	    {STAT_GREY_MET, "grey_met"},
	    {STAT_GREY_LEARNED, "grey_learned"},
	    {STAT_GREY_EXEMPT, "grey_exempt"},
	    {STAT_GREY_WOULD_DEFER, "grey_would_defer"},
	    {STAT_GREY_ERROR, "grey_error"},
	    {STAT_GREY_RETURNED, "grey_returned"},
	    {STAT_EVENTS_DROPPED, "events_dropped"},
	    {STAT_IN_JUDGED, "in_judged"},
	    {STAT_IN_EXEMPT, "in_exempt"},
	    {STAT_IN_REFUSED, "in_refused"},
	    {STAT_IN_SPLIT, "in_split"},
	    {STAT_IN_MESSAGES, "in_messages"},
	    {STAT_IN_QUARANTINED, "in_quarantined"},
	    {STAT_IN_DISCARDED, "in_discarded"},
	    {STAT_IN_MARKED, "in_marked"},
	    {STAT_REFUSED_RDNS, "refused_rdns"},
	    {STAT_REFUSED_DNSBL, "refused_dnsbl"},
	    {STAT_REFUSED_SPF, "refused_spf"},
	    {STAT_REFUSED_DMARC, "refused_dmarc"},
	    {STAT_REFUSED_SCORE, "refused_score"},
	    {STAT_REFUSED_FORGED, "refused_forged"},
	    {STAT_WOULD_RDNS, "would_rdns"},
	    {STAT_WOULD_DNSBL, "would_dnsbl"},
	    {STAT_WOULD_SPF, "would_spf"},
	    {STAT_WOULD_DMARC, "would_dmarc"},
	    {STAT_WOULD_SCORE, "would_score"},
	    {STAT_ERROR_RDNS, "error_rdns"},
	    {STAT_ERROR_SPF, "error_spf"},
	    {STAT_ERROR_DKIM, "error_dkim"},
	    {STAT_ERROR_DMARC, "error_dmarc"},
	    {STAT_REFUSED_RETURNS, "refused_returns"},
	    {STAT_RETURNED, "returned"},
	    {STAT_ERROR_RETURNS, "error_returns"},
	    {STAT_BOUNCED_HARD, "bounced_hard"},
	    {STAT_BOUNCED_SOFT, "bounced_soft"},
	    {STAT_COMPLAINED, "complained"},
	    {STAT_OPENED, "opened"},
	    {STAT_CLICKED, "clicked"},
	    {STAT_HITS_MACHINE, "hits_machine"},
	    {STAT_UNSUBSCRIBED, "unsubscribed"},
	    {STAT_OUT_RCPTS, "out_rcpts"},
	    {STAT_OUT_SUPPRESSED, "out_suppressed"},
	    {STAT_OUT_LIMITED, "out_limited"},
	    {STAT_OUT_REFUSED, "out_refused"},
	    {STAT_OUT_MESSAGES, "out_messages"},
	    {STAT_ERROR_ACCOUNT, "error_account"},
	    {STAT_ERROR_SEND, "error_send"},
	    {STAT_GREY_DELAY, "grey_delay_1"},
	    {STAT_COUNT - 1, "grey_delay_more"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(stat_name(rows[i].stat), rows[i].want);
	assert_int_equal(
	    COUNT(rows), STAT_COUNT - STAT_LADDER_STEPS + 2); /* none is missing here */
	for (unsigned stat = 0; stat < STAT_COUNT; stat++)
		assert_int_equal(stat_find(slice_of(stat_name(stat))), stat);
	assert_int_equal(stat_find(slice_of("grey_delay_4")), STAT_COUNT);
	assert_int_equal(stat_find(slice_of("grey_ne")), STAT_COUNT);
	assert_int_equal(stat_find(slice_of("GREY_NEW")), STAT_COUNT);
	assert_int_equal(stat_find(slice_make("grey_new\0", 9)), STAT_COUNT);
	assert_int_equal(stat_find(slice_of("")), STAT_COUNT);
}

/* The name of each step says its bound, and the bounds rise. */
static void
test_ladder(void **state)
{
	int64_t before = 0;

	(void)state;
	for (unsigned i = 0; i < STAT_LADDER_STEPS - 1; i++) {
		const char *name = stat_name(STAT_GREY_DELAY + i);

		assert_true(stat_ladder_s[i] > before);
		before = stat_ladder_s[i];
		assert_memory_equal(name, "grey_delay_", 11);
		assert_int_equal(strtoll(name + 11, NULL, 10), stat_ladder_s[i]);
		assert_int_equal(stat_delay(before), STAT_GREY_DELAY + i);
		assert_int_equal(stat_delay(before + 1), STAT_GREY_DELAY + i + 1);
	}
	assert_int_equal(before, 43200);
	assert_true(stat_ladder_s[STAT_LADDER_STEPS - 1] == INT64_MAX);
	assert_int_equal(stat_delay(INT64_MAX), STAT_COUNT - 1);
	assert_int_equal(stat_delay(0), STAT_GREY_DELAY);
	assert_int_equal(stat_delay(-1), STAT_GREY_DELAY);
	assert_int_equal(stat_delay(INT64_MIN), STAT_GREY_DELAY);
	assert_string_equal(stat_name(stat_delay(312)), "grey_delay_360");
}

static void
test_median(void **state)
{
	static const struct {
		const char *name;
		struct {
			int64_t delay_s, n;
		} in[3];
		int64_t want;
	} rows[] = {
	    {"nothing", {{1, 0}}, -1},
	    {"one: the end of its step", {{241, 1}}, 300},
	    {"many alike: the same", {{300, 1000000}}, 300},
	    {"at once", {{0, 2}}, 1},
	    {"two steps: the lower", {{300, 5}, {600, 5}}, 300},
	    {"the middle one of three steps", {{240, 1}, {300, 2}, {86400, 1}}, 300},
	    {"a gap between", {{10, 4}, {3600, 4}}, 10},
	    {"mostly long", {{10, 1}, {3600, 4}}, 3600},
	    {"beyond the ladder: its end", {{86400, 3}}, 43200},
	    {"below zero is nothing", {{300, -5}}, -1},
	    {"below zero beside others", {{10, -5}, {300, 1}}, 300},
	    {"no overflow", {{10, INT64_MAX}, {300, INT64_MAX}, {86400, INT64_MAX}}, 300},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t counts[STAT_COUNT] = {[STAT_GREY_NEW] = 1000};
		int64_t got;

		for (size_t k = 0; k < COUNT(rows[i].in); k++) {
			if (rows[i].in[k].n != 0)
				counts[stat_delay(rows[i].in[k].delay_s)] = rows[i].in[k].n;
		}
		got = stat_median_s(counts);
		if (got != rows[i].want)
			fail_msg("%s: %lld, want %lld", rows[i].name, (long long)got,
			    (long long)rows[i].want);
	}
}

static void
test_of_check(void **state)
{
	static const struct {
		const char *check;
		unsigned want[STAT_FAMILIES]; /* 0: none */
	} rows[] = {
	    {"rdns", {STAT_REFUSED_RDNS, STAT_WOULD_RDNS, STAT_ERROR_RDNS}},
	    {"dnsbl", {STAT_REFUSED_DNSBL, STAT_WOULD_DNSBL, 0}},
	    {"spf", {STAT_REFUSED_SPF, STAT_WOULD_SPF, STAT_ERROR_SPF}},
	    {"dkim", {0, 0, STAT_ERROR_DKIM}},
	    {"dmarc", {STAT_REFUSED_DMARC, STAT_WOULD_DMARC, STAT_ERROR_DMARC}},
	    {"score", {STAT_REFUSED_SCORE, STAT_WOULD_SCORE, 0}},
	    {"forged", {STAT_REFUSED_FORGED, 0, 0}},
	    {"grey", {0, 0, 0}}, /* counts for itself */
	    {"inbound", {0, 0, 0}},
	    {"limits", {0, 0, 0}},
	    {"SPF", {0, 0, 0}},
	    {"spf2", {0, 0, 0}},
	    {"", {0, 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (unsigned family = 0; family < STAT_FAMILIES; family++) {
			unsigned want = rows[i].want[family];

			assert_int_equal(stat_of_check((enum stat_family)family, rows[i].check),
			    want == 0 ? STAT_COUNT : want);
		}
	}
}

/* A finding of a check: what it is, or would be. */
struct finding_row {
	enum finding_kind kind;
	const char *check;
	const char *would;
};

struct answer_row {
	const char *name;
	enum phase phase;
	const char *exempt;
	struct finding_row found[4];
	const char *want;
	const char
	    *before[2]; /* EOM: the check that shadow mode spared at RCPT, and what it would */
};

#define WOULD_REFUSE(check)                                                                        \
	{                                                                                          \
		FINDING_NOTE, check, "reject"                                                      \
	}

static const struct answer_row answer_rows[] = {
    {"nothing found", PHASE_RCPT, NULL, {{0}}, "in_judged", {0}},
    {"exempt", PHASE_RCPT, "role", {{FINDING_NOTE, "inbound", NULL}}, "in_exempt", {0}},
    {"put off", PHASE_RCPT, NULL, {{FINDING_DEFER, "grey", NULL}}, "in_judged", {0}},
    {"refused", PHASE_RCPT, NULL, {{FINDING_BLOCK, "rdns", NULL}},
	"in_judged in_refused refused_rdns", {0}},
    {"refused twice: by the first", PHASE_RCPT, NULL,
	{{FINDING_BLOCK, "dnsbl", NULL}, {FINDING_BLOCK, "score", NULL}},
	"in_judged in_refused refused_dnsbl", {0}},
    {"refused by none of ours", PHASE_RCPT, NULL, {{FINDING_BLOCK, "probe", NULL}},
	"in_judged in_refused", {0}},
    {"split", PHASE_RCPT, NULL, {{FINDING_DEFER, "inbound", "split"}}, "in_judged in_split", {0}},
    {"split, exempt", PHASE_RCPT, "optout", {{FINDING_DEFER, "inbound", "split"}},
	"in_exempt in_split", {0}},
    {"spared", PHASE_RCPT, NULL, {WOULD_REFUSE("spf")}, "in_judged would_spf", {0}},
    {"spared by several, of one check once", PHASE_RCPT, NULL,
	{WOULD_REFUSE("dnsbl"), WOULD_REFUSE("dnsbl"), WOULD_REFUSE("spf"), WOULD_REFUSE("score")},
	"in_judged would_dnsbl would_spf would_score", {0}},
    {"spared in vain", PHASE_RCPT, NULL, {WOULD_REFUSE("spf"), {FINDING_BLOCK, "rdns", NULL}},
	"in_judged in_refused refused_rdns", {0}},
    {"spared, and put off", PHASE_RCPT, NULL, {WOULD_REFUSE("spf"), {FINDING_DEFER, "grey", NULL}},
	"in_judged would_spf", {0}},
    {"spared from being put off", PHASE_RCPT, NULL,
	{{FINDING_NOTE, "grey", "defer"}, {FINDING_NOTE, "spf", "defer"}}, "in_judged", {0}},
    {"no counter of its own", PHASE_RCPT, NULL, {WOULD_REFUSE("probe")}, "in_judged", {0}},
    {"DATA", PHASE_DATA, NULL, {{FINDING_DEFER, "grey", NULL}}, "", {0}},
    {"message", PHASE_EOM, NULL, {{0}}, "in_messages", {0}},
    {"message to exempt ones", PHASE_EOM, "role", {{0}}, "", {0}},
    {"message refused", PHASE_EOM, NULL, {{FINDING_BLOCK, "forged", NULL}},
	"in_messages refused_forged", {0}},
    {"message held", PHASE_EOM, NULL, {{FINDING_QUARANTINE, "dmarc", NULL}},
	"in_messages in_quarantined", {0}},
    {"message discarded", PHASE_EOM, NULL, {{FINDING_DISCARD, "score", NULL}},
	"in_messages in_discarded", {0}},
    {"message put off", PHASE_EOM, NULL, {{FINDING_DEFER, "dkim", NULL}}, "in_messages", {0}},
    {"message spared", PHASE_EOM, NULL, {{FINDING_NOTE, "dmarc", "quarantine"}},
	"in_messages would_dmarc", {0}},
    {"message spared, but held", PHASE_EOM, NULL,
	{{FINDING_NOTE, "dmarc", "quarantine"}, {FINDING_QUARANTINE, "score", NULL}},
	"in_messages in_quarantined", {0}},
    {"message held instead of refused", PHASE_EOM, NULL,
	{WOULD_REFUSE("dmarc"), {FINDING_QUARANTINE, "score", NULL}},
	"in_messages in_quarantined would_dmarc", {0}},
    {"message spared as its recipients were", PHASE_EOM, NULL,
	{WOULD_REFUSE("rdns"), WOULD_REFUSE("score")}, "in_messages would_score",
	{"rdns", "reject"}},
    {"found before, but not spared", PHASE_EOM, NULL, {WOULD_REFUSE("score")},
	"in_messages would_score", {"score", NULL}},
};

/* The verdict on the findings of the row; "split" makes it that answer. */
static struct verdict
row_decide(const struct answer_row *row, struct findings *findings)
{
	*findings = (struct findings){.n = 0};
	for (size_t i = 0; i < COUNT(row->found) && row->found[i].check != NULL; i++) {
		const struct finding_row *in = &row->found[i];
		struct finding *f = findings_add(findings, in->kind, in->check, "test");

		assert_non_null(f);
		if (in->kind == FINDING_DEFER)
			f->xcode = in->would != NULL ? "4.5.3" : "4.7.1";
		else
			f->would = in->would;
	}
	return decide(findings);
}

static void
row_check(const struct answer_row *row, struct txn *txn, const char *want)
{
	struct findings findings;
	struct verdict verdict = row_decide(row, &findings);
	unsigned stats[STAT_ANSWER_MAX];
	char storage[400];
	struct buf got = BUF_OVER(storage);
	size_t n;

	n = stat_of_answer(txn, &findings, &verdict, stats);
	assert_in_range(n, 0, STAT_ANSWER_MAX);
	for (size_t i = 0; i < n; i++)
		buf_add_format(&got, "%s%s", i > 0 ? " " : "", stat_name(stats[i]));
	if (strcmp(buf_text(&got), want) != 0)
		fail_msg("%s: \"%s\", want \"%s\"", row->name, buf_text(&got), want);
}

static void
test_of_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answer_rows); i++) {
		const struct answer_row *row = &answer_rows[i];
		struct txn_found found = {.n = 1};
		struct txn txn;

		txn_init(&txn);
		txn.direction.direction = DIRECTION_INBOUND;
		txn.phase = row->phase;
		txn.exempt = row->exempt;
		txn.naccepted = 1;
		txn.nexempt = row->exempt != NULL ? 1 : 0;
		if (row->before[0] != NULL) {
			found.v[0].check = row->before[0];
			found.v[0].would = row->before[1];
			txn.found = &found;
		}
		row_check(row, &txn, row->want);
		txn_fini(&txn);
	}
}

static void
test_of_outbound(void **state)
{
	static const struct answer_row rows[] = {
	    {"accepted", PHASE_RCPT, NULL, {{0}}, "out_rcpts", {0}},
	    {"suppressed", PHASE_RCPT, NULL, {{FINDING_BLOCK, "send", NULL}}, "out_suppressed",
		{0}},
	    {"too fast", PHASE_RCPT, NULL, {{FINDING_DEFER, "send", NULL}}, "out_limited", {0}},
	    {"one at a time", PHASE_RCPT, NULL, {{FINDING_DEFER, "split", "split"}}, "", {0}},
	    {"DATA", PHASE_DATA, NULL, {{0}}, "", {0}},
	    {"message", PHASE_EOM, NULL, {{0}}, "out_messages", {0}},
	    {"nobody is left", PHASE_EOM, NULL, {{FINDING_DISCARD, "send", NULL}}, "out_messages",
		{0}},
	    {"somebody else's From", PHASE_EOM, NULL, {{FINDING_BLOCK, "account", NULL}},
		"out_refused", {0}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct txn txn;

		txn_init(&txn);
		txn.direction.direction = DIRECTION_OUTBOUND;
		txn.phase = rows[i].phase;
		txn.naccepted = 1;
		row_check(&rows[i], &txn, rows[i].want);
		txn_fini(&txn);
	}
}

/* Every check in shadow mode at once: the bound holds. */
static void
test_of_answer_bound(void **state)
{
	static const char *const checks[] = {"rdns", "dnsbl", "spf", "dmarc", "score", "forged"};
	struct findings findings = {.n = 0};
	struct verdict verdict;
	unsigned stats[STAT_ANSWER_MAX];
	struct txn txn;

	(void)state;
	txn_init(&txn);
	txn.direction.direction = DIRECTION_INBOUND;
	txn.phase = PHASE_EOM;
	txn.naccepted = 1;
	for (size_t i = 0; i < FINDINGS_MAX - 1; i++)
		findings_add(&findings, FINDING_NOTE, checks[i % COUNT(checks)], "test")->would =
		    "reject";
	findings_add(&findings, FINDING_QUARANTINE, "score", "test");
	verdict = decide(&findings);
	assert_int_equal(stat_of_answer(&txn, &findings, &verdict, stats), 2 + 5);
	txn_fini(&txn);
}

static void
test_hour(void **state)
{
	static const struct {
		int64_t in;
		const char *want;
	} rows[] = {
	    {0, "1970010100"},
	    {3599, "1970010100"},
	    {3600, "1970010101"},
	    {951782399, "2000022823"},
	    {951782400, "2000022900"},
	    {951868800, "2000030100"},
	    {1795230000, "2026112103"},
	    {2147483648, "2038011903"},
	    {4107542400, "2100030100"},
	    {253402300799, "9999123123"},
	    {253402300800, "9999123123"},
	    {INT64_MAX, "9999123123"},
	    {-1, "1970010100"},
	    {INT64_MIN, "1970010100"},
	};

	(void)state;
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0); /* UTC, whatever the zone */
	for (size_t i = 0; i < COUNT(rows); i++) {
		char got[STAT_HOUR_BYTES];

		stat_hour(got, rows[i].in);
		assert_string_equal(got, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_ladder),
	    cmocka_unit_test(test_median),
	    cmocka_unit_test(test_of_check),
	    cmocka_unit_test(test_of_answer),
	    cmocka_unit_test(test_of_outbound),
	    cmocka_unit_test(test_of_answer_bound),
	    cmocka_unit_test(test_hour),
	};

	return cmocka_run_group_tests_name("stat", tests, NULL, NULL);
}
