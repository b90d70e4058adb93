/*
 * stats_table.c - see stats_table.h.
 */
#include "stats_table.h"

#include "words.h"

/* On a terminal that is wide enough. */
#define BAR_PLACES 12
#define BAR_WIDTH  110

/* --- greylisting --- */

static const struct table_column all_columns[STATS_COLUMNS] = {
    [STATS_HOUR] = {.title = "HOUR (UTC)", .key = "hour"},
    [STATS_ASKED] = {.title = "ASKED", .key = "asked", .right = true},
    [STATS_NEW] = {.title = "NEW", .key = "new", .right = true},
    [STATS_EARLY] = {.title = "EARLY", .key = "early", .right = true},
    [STATS_PASSED] = {.title = "PASSED", .key = "passed", .right = true},
    [STATS_NEVER_BACK] = {.title = "NEVER BACK", .key = "never_back", .right = true},
    [STATS_REPEAT] = {.title = "REPEAT", .key = "repeat", .right = true},
    [STATS_KNOWN] = {.title = "KNOWN", .key = "known", .right = true},
    [STATS_MET] = {.title = "MET", .key = "met", .right = true},
    [STATS_LEARNED] = {.title = "LEARNED", .key = "learned", .right = true},
    [STATS_EXEMPT] = {.title = "EXEMPT", .key = "exempt", .right = true},
    [STATS_WOULD_DEFER] = {.title = "WOULD DEFER", .key = "would_defer", .right = true},
    [STATS_ERRORS] = {.title = "ERRORS", .key = "errors", .right = true},
    [STATS_DROPPED] = {.title = "DROPPED", .key = "dropped", .right = true},
    [STATS_MEDIAN] = {.title = "MEDIAN", .key = "median", .right = true},
    [STATS_BAR] = {.title = "NEW, OTHERS", .key = "bar"},
};

int64_t
stats_looked_at(const struct period *p)
{
	return p->counts[STAT_GREY_ASKED] + p->counts[STAT_GREY_EXEMPT] +
	       p->counts[STAT_GREY_ERROR];
}

static void
name_show(struct table *t, const struct period *p, bool is_total)
{
	char storage[40];
	struct buf text = BUF_OVER(storage);

	words_clock(&text, p->from_s); /* of which "11-21 03:00" is enough */
	if (is_total)
		table_words(t, OUT_BOLD, "total");
	else if (t->out->form == OUT_TERMINAL)
		table_text(t, OUT_NORMAL, slice_make(storage + 5, 11));
	else
		table_number(t, OUT_NORMAL, p->from_s);
}

/* A counter that is better 0: in colour when it is not. */
static void
trouble_show(struct table *t, int64_t n)
{
	table_number(t, n > 0 ? OUT_BAD : OUT_NORMAL, n);
}

static void
median_show(struct table *t, const struct period *p, enum out_style style)
{
	int64_t median_s = stat_median_s(p->counts);

	if (median_s < 0)
		table_none(t);
	else
		table_duration(t, style, median_s);
}

/* Of all that were looked at: the new ones dark, the others light. */
static void
bar_show(struct stats_table *t, const struct period *p, bool is_total)
{
	const char *dark = t->table.out->utf8 ? "\xe2\x96\x88" : "#";
	const char *light = t->table.out->utf8 ? "\xe2\x96\x91" : ".";
	char storage[BAR_PLACES * 3 + 1];
	struct buf bar = BUF_OVER(storage);
	int64_t all = stats_looked_at(p);
	int64_t places = 0, of_new = 0;

	if (!is_total && t->most > 0 && all > 0) {
		places = (all * BAR_PLACES + t->most - 1) / t->most;
		of_new = p->counts[STAT_GREY_NEW] * places / all;
	}
	for (int64_t i = 0; i < places; i++)
		buf_add_text(&bar, i < of_new ? dark : light);
	table_picture(&t->table, OUT_NORMAL, buf_text(&bar), (size_t)places);
}

static void
grey_row(struct stats_table *stats, const struct period *p, bool is_total)
{
	enum out_style style = is_total ? OUT_BOLD : OUT_NORMAL;
	struct table *t = &stats->table;
	const int64_t *n = p->counts;

	table_number(t, style, n[STAT_GREY_ASKED]);
	table_number(t, style, n[STAT_GREY_NEW]);
	table_number(t, style, n[STAT_GREY_EARLY]);
	table_number(t, style, n[STAT_GREY_PASSED]);
	if (p->any_closed && p->closed >= p->returned)
		table_number(t, style, p->closed - p->returned);
	else
		table_none(t);
	table_number(t, style, n[STAT_GREY_REPEAT]);
	table_number(t, style, n[STAT_GREY_KNOWN]);
	table_number(t, style, n[STAT_GREY_MET]);
	table_number(t, style, n[STAT_GREY_LEARNED]);
	table_number(t, style, n[STAT_GREY_EXEMPT]);
	table_number(t, style, n[STAT_GREY_WOULD_DEFER]);
	trouble_show(t, n[STAT_GREY_ERROR]);
	trouble_show(t, n[STAT_EVENTS_DROPPED]);
	median_show(t, p, style);
	if (t->out->form == OUT_TERMINAL)
		bar_show(stats, p, is_total);
}

/* A terminal is spared the columns in which nothing happened. */
static void
columns_choose(
    struct stats_table *t, const struct out *out, const struct period *total, bool only_total)
{
	static const struct {
		enum stats_column column;
		enum stat_counter stat;
	} optional[] = {
	    {STATS_EARLY, STAT_GREY_EARLY},
	    {STATS_KNOWN, STAT_GREY_KNOWN},
	    {STATS_MET, STAT_GREY_MET},
	    {STATS_LEARNED, STAT_GREY_LEARNED},
	    {STATS_EXEMPT, STAT_GREY_EXEMPT},
	    {STATS_WOULD_DEFER, STAT_GREY_WOULD_DEFER},
	    {STATS_ERRORS, STAT_GREY_ERROR},
	    {STATS_DROPPED, STAT_EVENTS_DROPPED},
	};

	memcpy(t->columns, all_columns, sizeof(all_columns));
	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		t->columns[optional[i].column].hidden = total->counts[optional[i].stat] == 0;
	t->columns[STATS_BAR].hidden = t->most == 0 || out->width < BAR_WIDTH || only_total;
}

/* --- the checks, and mail that leaves and comes back: a column for each counter --- */

/* Messages that were refused at their end: whatever refused, less the recipients. */
#define MESSAGES_REFUSED STAT_COUNT

struct counter_column {
	const char *title;
	const char *key;
	unsigned stat;
};

static const struct counter_column check_columns[] = {
    {"JUDGED", "judged", STAT_IN_JUDGED},
    {"EXEMPT", "exempt", STAT_IN_EXEMPT},
    {"REFUSED", "refused", STAT_IN_REFUSED},
    {"MESSAGES", "messages", STAT_IN_MESSAGES},
    {"MSG REFUSED", "messages_refused", MESSAGES_REFUSED},
    {"SPLIT", "split", STAT_IN_SPLIT},
    {"BY RDNS", "refused_rdns", STAT_REFUSED_RDNS},
    {"BY DNSBL", "refused_dnsbl", STAT_REFUSED_DNSBL},
    {"BY SPF", "refused_spf", STAT_REFUSED_SPF},
    {"BY DMARC", "refused_dmarc", STAT_REFUSED_DMARC},
    {"BY SCORE", "refused_score", STAT_REFUSED_SCORE},
    {"BY FORGED", "refused_forged", STAT_REFUSED_FORGED},
    {"WOULD RDNS", "would_rdns", STAT_WOULD_RDNS},
    {"WOULD DNSBL", "would_dnsbl", STAT_WOULD_DNSBL},
    {"WOULD SPF", "would_spf", STAT_WOULD_SPF},
    {"WOULD DMARC", "would_dmarc", STAT_WOULD_DMARC},
    {"WOULD SCORE", "would_score", STAT_WOULD_SCORE},
    {"MARKED", "marked", STAT_IN_MARKED},
    {"HELD", "held", STAT_IN_QUARANTINED},
    {"DISCARDED", "discarded", STAT_IN_DISCARDED},
    {"RDNS ERRORS", "errors_rdns", STAT_ERROR_RDNS},
    {"SPF ERRORS", "errors_spf", STAT_ERROR_SPF},
    {"DKIM ERRORS", "errors_dkim", STAT_ERROR_DKIM},
    {"DMARC ERRORS", "errors_dmarc", STAT_ERROR_DMARC},
};

static const struct counter_column outbound_columns[] = {
    {"RECIPIENTS", "recipients", STAT_OUT_RCPTS},
    {"MESSAGES", "messages", STAT_OUT_MESSAGES},
    {"SUPPRESSED", "suppressed", STAT_OUT_SUPPRESSED},
    {"LIMITED", "limited", STAT_OUT_LIMITED},
    {"REFUSED", "refused", STAT_OUT_REFUSED},
    {"ACCOUNT ERRORS", "errors_account", STAT_ERROR_ACCOUNT},
    {"SEND ERRORS", "errors_send", STAT_ERROR_SEND},
    {"DROPPED", "dropped", STAT_EVENTS_DROPPED},
    {"RETURNED", "returned", STAT_RETURNED},
    {"HARD", "bounced_hard", STAT_BOUNCED_HARD},
    {"SOFT", "bounced_soft", STAT_BOUNCED_SOFT},
    {"COMPLAINED", "complained", STAT_COMPLAINED},
    {"OPENED", "opened", STAT_OPENED},
    {"CLICKED", "clicked", STAT_CLICKED},
    {"BY MACHINES", "hits_machine", STAT_HITS_MACHINE},
    {"UNSUBSCRIBED", "unsubscribed", STAT_UNSUBSCRIBED},
    {"BACK, REFUSED", "refused_returns", STAT_REFUSED_RETURNS},
    {"BACK ERRORS", "errors_returns", STAT_ERROR_RETURNS},
};

#define COLUMNS(array) (sizeof(array) / sizeof(*(array)))
_Static_assert(COLUMNS(check_columns) + 1 <= TABLE_COLUMNS_MAX, "and the hour");

static const struct counter_view {
	const struct counter_column *columns;
	size_t n;
	size_t always; /* so many are not left out on a terminal */
} views[] = {
    [STATS_OF_CHECKS] = {check_columns, COLUMNS(check_columns), 4},
    [STATS_OF_OUTBOUND] = {outbound_columns, COLUMNS(outbound_columns), 3},
};

static int64_t
messages_refused(const struct period *p)
{
	int64_t n = -p->counts[STAT_IN_REFUSED];

	for (unsigned stat = STAT_REFUSED_RDNS; stat <= STAT_REFUSED_FORGED; stat++)
		n += p->counts[stat];
	return n > 0 ? n : 0; /* what is counted at the same time is not written at the same time */
}

static int64_t
counter_count(const struct period *p, const struct counter_column *column)
{
	return column->stat == MESSAGES_REFUSED ? messages_refused(p) : p->counts[column->stat];
}

static void
counters_choose(struct stats_table *t, const struct period *total)
{
	const struct counter_view *view = &views[t->view];

	t->columns[0] = all_columns[STATS_HOUR];
	for (size_t i = 0; i < view->n; i++)
		t->columns[i + 1] = (struct table_column){.title = view->columns[i].title,
		    .key = view->columns[i].key,
		    .right = true,
		    .hidden = i >= view->always && counter_count(total, &view->columns[i]) == 0};
}

/* Better 0. */
static bool
is_trouble(unsigned stat)
{
	return (stat >= STAT_ERROR_RDNS && stat <= STAT_ERROR_DMARC) ||
	       stat == STAT_ERROR_ACCOUNT || stat == STAT_ERROR_SEND ||
	       stat == STAT_ERROR_RETURNS || stat == STAT_EVENTS_DROPPED;
}

static void
counters_row(struct stats_table *stats, const struct period *p, bool is_total)
{
	const struct counter_view *view = &views[stats->view];

	for (size_t i = 0; i < view->n; i++) {
		int64_t n = counter_count(p, &view->columns[i]);

		if (is_trouble(view->columns[i].stat))
			trouble_show(&stats->table, n);
		else
			table_number(&stats->table, is_total ? OUT_BOLD : OUT_NORMAL, n);
	}
}

/* --- all --- */

void
stats_table_begin(
    struct stats_table *t, struct out *out, const struct period *total, bool only_total)
{
	size_t n;

	if (t->view == STATS_OF_GREY) {
		columns_choose(t, out, total, only_total);
		n = out->form == OUT_TERMINAL ? STATS_COLUMNS : STATS_BAR; /* which is the last */
	} else {
		counters_choose(t, total);
		n = views[t->view].n + 1;
	}
	if (only_total)
		t->columns[STATS_HOUR].title = "";
	table_begin(&t->table, out, t->columns, n);
}

void
stats_table_row(struct stats_table *stats, const struct period *p, bool is_total)
{
	name_show(&stats->table, p, is_total);
	if (stats->view == STATS_OF_GREY)
		grey_row(stats, p, is_total);
	else
		counters_row(stats, p, is_total);
	table_row(&stats->table);
}

void
stats_table_end(struct stats_table *t)
{
	table_end(&t->table);
}
