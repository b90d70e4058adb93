/*
 * stat.c - see stat.h.
 */
#include "policy/stat.h"

#include "policy/txn.h"

#include <assert.h>
#include <time.h>

const int64_t stat_ladder_s[STAT_LADDER_STEPS] = {1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120,
    180, 240, 300, 360, 420, 480, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10800, 14400, 21600,
    43200, INT64_MAX};

static const char *const names[STAT_COUNT] = {
    [STAT_GREY_ASKED] = "grey_asked",
    [STAT_GREY_NEW] = "grey_new",
    [STAT_GREY_EARLY] = "grey_early",
    [STAT_GREY_PASSED] = "grey_passed",
    [STAT_GREY_REPEAT] = "grey_repeat",
    [STAT_GREY_KNOWN] = "grey_known",
    [STAT_GREY_MET] = "grey_met",
    [STAT_GREY_LEARNED] = "grey_learned",
    [STAT_GREY_EXEMPT] = "grey_exempt",
    [STAT_GREY_WOULD_DEFER] = "grey_would_defer",
    [STAT_GREY_ERROR] = "grey_error",
    [STAT_GREY_RETURNED] = "grey_returned",
    [STAT_EVENTS_DROPPED] = "events_dropped",
    [STAT_IN_JUDGED] = "in_judged",
    [STAT_IN_EXEMPT] = "in_exempt",
    [STAT_IN_REFUSED] = "in_refused",
    [STAT_IN_SPLIT] = "in_split",
    [STAT_IN_MESSAGES] = "in_messages",
    [STAT_IN_QUARANTINED] = "in_quarantined",
    [STAT_IN_DISCARDED] = "in_discarded",
    [STAT_IN_MARKED] = "in_marked",
    [STAT_REFUSED_RDNS] = "refused_rdns",
    [STAT_REFUSED_DNSBL] = "refused_dnsbl",
    [STAT_REFUSED_SPF] = "refused_spf",
    [STAT_REFUSED_DMARC] = "refused_dmarc",
    [STAT_REFUSED_SCORE] = "refused_score",
    [STAT_REFUSED_FORGED] = "refused_forged",
    [STAT_REFUSED_RETURNS] = "refused_returns",
    [STAT_WOULD_RDNS] = "would_rdns",
    [STAT_WOULD_DNSBL] = "would_dnsbl",
    [STAT_WOULD_SPF] = "would_spf",
    [STAT_WOULD_DMARC] = "would_dmarc",
    [STAT_WOULD_SCORE] = "would_score",
    [STAT_ERROR_RDNS] = "error_rdns",
    [STAT_ERROR_SPF] = "error_spf",
    [STAT_ERROR_DKIM] = "error_dkim",
    [STAT_ERROR_DMARC] = "error_dmarc",
    [STAT_OUT_RCPTS] = "out_rcpts",
    [STAT_OUT_SUPPRESSED] = "out_suppressed",
    [STAT_OUT_LIMITED] = "out_limited",
    [STAT_OUT_REFUSED] = "out_refused",
    [STAT_OUT_MESSAGES] = "out_messages",
    [STAT_ERROR_ACCOUNT] = "error_account",
    [STAT_ERROR_SEND] = "error_send",
    [STAT_RETURNED] = "returned",
    [STAT_ERROR_RETURNS] = "error_returns",
    [STAT_BOUNCED_HARD] = "bounced_hard",
    [STAT_BOUNCED_SOFT] = "bounced_soft",
    [STAT_COMPLAINED] = "complained",
    [STAT_OPENED] = "opened",
    [STAT_CLICKED] = "clicked",
    [STAT_HITS_MACHINE] = "hits_machine",
    [STAT_UNSUBSCRIBED] = "unsubscribed",
    /* the ladder, in the order of stat_ladder_s */
    [STAT_GREY_DELAY] = "grey_delay_1",
    "grey_delay_2",
    "grey_delay_3",
    "grey_delay_5",
    "grey_delay_8",
    "grey_delay_10",
    "grey_delay_15",
    "grey_delay_20",
    "grey_delay_30",
    "grey_delay_45",
    "grey_delay_60",
    "grey_delay_90",
    "grey_delay_120",
    "grey_delay_180",
    "grey_delay_240",
    "grey_delay_300",
    "grey_delay_360",
    "grey_delay_420",
    "grey_delay_480",
    "grey_delay_600",
    "grey_delay_900",
    "grey_delay_1200",
    "grey_delay_1800",
    "grey_delay_2700",
    "grey_delay_3600",
    "grey_delay_5400",
    "grey_delay_7200",
    "grey_delay_10800",
    "grey_delay_14400",
    "grey_delay_21600",
    "grey_delay_43200",
    "grey_delay_more",
};

const char *
stat_name(unsigned stat)
{
	assert(stat < STAT_COUNT);
	return names[stat];
}

unsigned
stat_find(struct slice name)
{
	unsigned stat = 0;

	while (stat < STAT_COUNT && !slice_eq(name, slice_of(names[stat])))
		stat++;
	return stat;
}

/* --- what the checks did --- */

/* 0 is a counter of greylisting, so here it means none. */
static const struct {
	const char *check;
	unsigned stats[STAT_FAMILIES];
} checks[] = {
    {"rdns", {STAT_REFUSED_RDNS, STAT_WOULD_RDNS, STAT_ERROR_RDNS}},
    {"dnsbl", {STAT_REFUSED_DNSBL, STAT_WOULD_DNSBL, 0}},
    {"spf", {STAT_REFUSED_SPF, STAT_WOULD_SPF, STAT_ERROR_SPF}},
    {"dkim", {0, 0, STAT_ERROR_DKIM}},
    {"dmarc", {STAT_REFUSED_DMARC, STAT_WOULD_DMARC, STAT_ERROR_DMARC}},
    {"score", {STAT_REFUSED_SCORE, STAT_WOULD_SCORE, 0}},
    {"forged", {STAT_REFUSED_FORGED, 0, 0}},
    {"account", {0, 0, STAT_ERROR_ACCOUNT}},
    {"send", {0, 0, STAT_ERROR_SEND}},
    {"returns", {STAT_REFUSED_RETURNS, 0, STAT_ERROR_RETURNS}},
};

_Static_assert(STAT_GREY_ASKED == 0, "counter 0 belongs to none of the checks above");

unsigned
stat_of_check(enum stat_family family, const char *check)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].check, check) == 0)
			return checks[i].stats[family] != 0 ? checks[i].stats[family] : STAT_COUNT;
	}
	return STAT_COUNT;
}

/* A list of counters, each at most once. */
struct stat_list {
	unsigned *v;
	size_t n;
};

static void
list_add(struct stat_list *list, unsigned stat)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i] == stat)
			return;
	}
	if (stat < STAT_COUNT && list->n < STAT_ANSWER_MAX)
		list->v[list->n++] = stat;
}

/* True when shadow mode made this answer milder. Being put off is left out: greylisting counts that
 * itself, and what on_error puts off comes again. */
static bool
is_spared(const char *would, enum answer answer)
{
	static const enum answer harder[] = {ANSWER_QUARANTINE, ANSWER_DISCARD, ANSWER_REJECT};

	for (size_t i = 0; would != NULL && i < sizeof(harder) / sizeof(harder[0]); i++) {
		if (strcmp(would, answer_name(harder[i])) == 0)
			return answer < harder[i];
	}
	return false;
}

/* What would have refused the recipients would have left no message to judge: it is counted once. */
static bool
is_counted_before(const struct txn *txn, const char *check)
{
	const struct txn_found *found = txn->phase == PHASE_EOM ? txn->found : NULL;

	for (size_t i = 0; found != NULL && i < found->n; i++) {
		if (found->v[i].would != NULL && strcmp(found->v[i].check, check) == 0)
			return true;
	}
	return false;
}

static void
would_add(struct stat_list *list, const struct txn *txn, const struct findings *findings,
    enum answer answer)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->v[i];

		if (is_spared(f->would, answer) && !is_counted_before(txn, f->check))
			list_add(list, stat_of_check(STAT_FAMILY_WOULD, f->check));
	}
}

static void
rcpt_add(struct stat_list *list, const struct txn *txn, const struct verdict *verdict)
{
	list_add(list, txn->exempt != NULL ? STAT_IN_EXEMPT : STAT_IN_JUDGED);
	if (verdict->answer == ANSWER_REJECT)
		list_add(list, STAT_IN_REFUSED);
	else if (strcmp(verdict_code(verdict), "452") == 0)
		list_add(list, STAT_IN_SPLIT);
}

static void
message_add(struct stat_list *list, const struct verdict *verdict)
{
	list_add(list, STAT_IN_MESSAGES);
	if (verdict->answer == ANSWER_QUARANTINE)
		list_add(list, STAT_IN_QUARANTINED);
	else if (verdict->answer == ANSWER_DISCARD)
		list_add(list, STAT_IN_DISCARDED);
}

/* Mail that leaves: a recipient, or a message at its end. */
static void
outbound_add(struct stat_list *list, const struct txn *txn, const struct verdict *verdict)
{
	bool by_send = verdict->cause != NULL && strcmp(verdict->cause->check, "send") == 0;

	if (verdict->answer < ANSWER_DEFER)
		list_add(list, txn->phase == PHASE_RCPT ? STAT_OUT_RCPTS : STAT_OUT_MESSAGES);
	else if (verdict->answer == ANSWER_REJECT)
		list_add(list, by_send ? STAT_OUT_SUPPRESSED : STAT_OUT_REFUSED);
	else if (by_send && strcmp(verdict->cause->reason, "error") != 0)
		list_add(list, STAT_OUT_LIMITED);
}

size_t
stat_of_answer(const struct txn *txn, const struct findings *findings,
    const struct verdict *verdict, unsigned stats_r[STAT_ANSWER_MAX])
{
	struct stat_list list = {stats_r, 0};

	if (txn->direction.direction != DIRECTION_INBOUND) {
		/* the MTA's own bounces do not leave */
		if ((txn->phase == PHASE_RCPT && !txn->claimed) ||
		    (txn->phase == PHASE_EOM && !txn_is_return(txn)))
			outbound_add(&list, txn, verdict);
		return list.n;
	}
	if (txn->phase == PHASE_RCPT)
		rcpt_add(&list, txn, verdict);
	else if (txn->phase == PHASE_EOM && txn->naccepted > txn->nexempt)
		message_add(&list, verdict);
	else
		return 0;
	if (verdict->answer == ANSWER_REJECT)
		list_add(&list, stat_of_check(STAT_FAMILY_REFUSED, verdict->cause->check));
	would_add(&list, txn, findings, verdict->answer);
	return list.n;
}

/* --- the delays of greylisting --- */

unsigned
stat_delay(int64_t delay_s)
{
	unsigned step = 0;

	while (delay_s > stat_ladder_s[step])
		step++;
	return STAT_GREY_DELAY + step;
}

/* Counters come from the store, where anybody may have written: below 0 counts as 0. */
static double
step_count(const int64_t counts[STAT_COUNT], unsigned step)
{
	int64_t n = counts[STAT_GREY_DELAY + step];

	return n > 0 ? (double)n : 0;
}

int64_t
stat_median_s(const int64_t counts[STAT_COUNT])
{
	double half = 0;   /* how many delays are shorter than the median */
	double before = 0; /* how many are in the steps before this one */
	unsigned step = 0;

	for (unsigned i = 0; i < STAT_LADDER_STEPS; i++)
		half += step_count(counts, i) / 2;
	if (half <= 0)
		return -1;
	while (step < STAT_LADDER_STEPS - 1 && before + step_count(counts, step) < half)
		before += step_count(counts, step++);
	return stat_ladder_s[step < STAT_LADDER_STEPS - 1 ? step : step - 1];
}

void
stat_hour(char out[STAT_HOUR_BYTES], int64_t unix_s)
{
	const int64_t max_s = 253402300799; /* the end of 9999: later years have five digits */
	time_t when = (time_t)(unix_s < 0 ? 0 : unix_s > max_s ? max_s : unix_s);
	struct tm utc;

	if (gmtime_r(&when, &utc) == NULL || strftime(out, STAT_HOUR_BYTES, "%Y%m%d%H", &utc) == 0)
		memcpy(out, "1970010100", STAT_HOUR_BYTES);
}
