/*
 * report_print.c - see report_print.h.
 */
#include "report_print.h"

#include "report_line.h"

#include <inttypes.h>

#define MILLION 1000000

static const char *const count_titles[REPORT_COUNTS] = {
    [REPORT_MESSAGES] = "MESSAGES",
    [REPORT_RCPTS] = "SENT",
    [REPORT_DELIVERED] = "DELIVERED",
    [REPORT_OPENED] = "OPENED",
    [REPORT_OPENED_TOTAL] = "TIMES",
    [REPORT_OPENED_MACHINE] = "BY MACHINE",
    [REPORT_OPENED_UNKNOWN] = "BY ?",
    [REPORT_CLICKED] = "CLICKED",
    [REPORT_CLICKED_TOTAL] = "TIMES",
    [REPORT_CLICKED_MACHINE] = "BY MACHINE",
    [REPORT_CLICKED_UNKNOWN] = "BY ?",
    [REPORT_UNSUBSCRIBED] = "UNSUBSCRIBED",
    [REPORT_BOUNCED_HARD] = "HARD BOUNCES",
    [REPORT_BOUNCED_SOFT] = "SOFT",
    [REPORT_DEFERRED] = "DEFERRED",
    [REPORT_COMPLAINED] = "COMPLAINED",
    [REPORT_SUPPRESSED] = "SUPPRESSED",
    [REPORT_REFUSED] = "REFUSED",
};

static const struct {
	const char *title;
	const char *key;
} rates[REPORT_RATES] = {
    [REPORT_RATE_OPENED] = {"OPEN RATE", "open_rate"},
    [REPORT_RATE_CLICKED] = {"CLICK RATE", "click_rate"},
    [REPORT_RATE_UNSUBSCRIBED] = {"UNSUBSCRIBE RATE", "unsubscribe_rate"},
    [REPORT_RATE_BOUNCED] = {"BOUNCE RATE", "bounce_rate"},
    [REPORT_RATE_BOUNCED_HARD] = {"HARD BOUNCE RATE", "hard_bounce_rate"},
    [REPORT_RATE_COMPLAINED] = {"COMPLAINT RATE", "complaint_rate"},
};

static const struct {
	const char *title;
	const char *key;
} groups[] = {
    [REPORT_BY_NOTHING] = {"", ""},
    [REPORT_BY_DAY] = {"DAY (UTC)", "day"},
    [REPORT_BY_TAG] = {"TAG", "tag"},
    [REPORT_BY_LINK] = {"LINK", "link"},
    [REPORT_BY_DOMAIN] = {"DOMAIN", "domain"},
    [REPORT_BY_CLASS] = {"CLASS", "class"},
};

_Static_assert(
    2 + REPORT_COUNTS + REPORT_RATES + REPORT_FLAGS <= TABLE_COLUMNS_MAX, "all in one table");

static void
rate_format(struct buf *out, int64_t millionths)
{
	buf_add_format(out, "%" PRId64 ".%06" PRId64, millionths / MILLION, millionths % MILLION);
}

/* What stands in the place of a name. */
static const char *
kind_words(enum report_row_kind kind)
{
	switch (kind) {
	case REPORT_ROW_SEVERAL:
		return "(several)";
	case REPORT_ROW_OTHERS:
		return "(others)";
	case REPORT_ROW_TOTAL:
		return "total";
	default:
		return "";
	}
}

/* --- tables --- */

static const struct {
	const char *mark;
	enum out_style style;
} level_looks[] = {
    [REPORT_LEVEL_FINE] = {"", OUT_NORMAL},
    [REPORT_LEVEL_RAISED] = {" !", OUT_WARNING},
    [REPORT_LEVEL_HIGH] = {" !!", OUT_BAD},
};

static enum out_style
count_style(const struct report_line *line, enum report_count count)
{
	enum report_rate rate = count == REPORT_COMPLAINED ? REPORT_RATE_COMPLAINED
							   : REPORT_RATE_BOUNCED_HARD;

	if ((count == REPORT_COMPLAINED || count == REPORT_BOUNCED_HARD) &&
	    report_line_level(line, rate) != REPORT_LEVEL_FINE)
		return level_looks[report_line_level(line, rate)].style;
	return line->row->kind == REPORT_ROW_TOTAL && line->account == NULL ? OUT_BOLD : OUT_NORMAL;
}

static void
rate_cell(struct report_view *view, const struct report_line *line, enum report_rate rate)
{
	int64_t millionths = report_line_rate(line, rate);
	enum report_level level = report_line_level(line, rate);
	struct table *t = &view->table;
	char storage[48];
	struct buf text = BUF_OVER(storage);

	if (t->out->form == OUT_TERMINAL)
		buf_add_format(&text, "%" PRId64 ".%02" PRId64 " %%%s", millionths / 10000,
		    millionths % 10000 / 100, level_looks[level].mark);
	else
		rate_format(&text, millionths);
	view->marked = view->marked || level != REPORT_LEVEL_FINE;
	table_text(t, level_looks[level].style, buf_slice(&text));
}

static void
name_cells(struct report_view *view, const struct report_line *line)
{
	struct table *t = &view->table;

	if (line->account != NULL)
		table_words(t, OUT_NORMAL, line->account);
	else
		table_words(t, OUT_BOLD, "total");
	if (view->by == REPORT_BY_NOTHING)
		return;
	if (line->row->kind == REPORT_ROW_NAMED)
		table_text(t, OUT_NORMAL, line->row->name);
	else if (line->row->kind == REPORT_ROW_NONE || line->account == NULL)
		table_none(t);
	else
		table_words(t, line->row->kind == REPORT_ROW_TOTAL ? OUT_BOLD : OUT_DIM,
		    kind_words(line->row->kind));
}

static void
table_line(struct report_view *view, const struct report_line *line)
{
	struct table *t = &view->table;

	name_cells(view, line);
	for (unsigned i = 0; i < REPORT_COUNTS; i++) {
		if (report_line_says(view, line, i))
			table_number(t, count_style(line, i), line->row->counts[i]);
		else
			table_none(t);
	}
	for (unsigned i = 0; i < REPORT_RATES; i++) {
		if (report_line_says_rate(view, line, i))
			rate_cell(view, line, i);
		else
			table_none(t);
	}
	for (size_t i = 0; i < REPORT_FLAGS; i++)
		table_flag(t, report_line_flag(line, i));
	table_row(t);
}

/* A terminal is spared the columns in which nothing is. */
static bool
is_spared(const struct report_view *view, enum report_count count)
{
	static const struct report_row nothing = {.counts = {0}};
	const int64_t *n = view->grand.counts;

	if (count_titles[count] == NULL || (!report_rows_say(view, count) && count != REPORT_RCPTS))
		return true;
	if (memcmp(n, nothing.counts, sizeof(nothing.counts)) == 0)
		return count > REPORT_RCPTS;
	return n[count] == 0 && count != REPORT_RCPTS;
}

static bool
is_spared_rate(const struct report_view *view, enum report_rate rate)
{
	static const enum report_count of[REPORT_RATES] = {[REPORT_RATE_OPENED] = REPORT_OPENED,
	    [REPORT_RATE_CLICKED] = REPORT_CLICKED,
	    [REPORT_RATE_UNSUBSCRIBED] = REPORT_UNSUBSCRIBED,
	    [REPORT_RATE_BOUNCED_HARD] = REPORT_BOUNCED_HARD,
	    [REPORT_RATE_COMPLAINED] = REPORT_COMPLAINED};

	if (!report_rows_say_rate(view, rate))
		return true;
	if (rate == REPORT_RATE_BOUNCED)
		return view->grand.counts[REPORT_BOUNCED_HARD] +
			   view->grand.counts[REPORT_BOUNCED_SOFT] ==
		       0;
	return view->grand.counts[of[rate]] == 0;
}

static size_t
columns_make(struct report_view *view)
{
	struct table_column *c = view->columns;
	size_t n = 0;

	c[n++] = (struct table_column){.title = "ACCOUNT", .key = "account"};
	if (view->by != REPORT_BY_NOTHING)
		c[n++] = (struct table_column){
		    .title = groups[view->by].title, .key = groups[view->by].key};
	for (unsigned i = 0; i < REPORT_COUNTS; i++)
		c[n++] = (struct table_column){
		    .title = count_titles[i] == NULL ? "" : count_titles[i],
		    .key = report_count_name(i),
		    .right = true,
		    .hidden = is_spared(view, i)};
	for (unsigned i = 0; i < REPORT_RATES; i++)
		c[n++] = (struct table_column){.title = rates[i].title,
		    .key = rates[i].key,
		    .right = true,
		    .hidden = is_spared_rate(view, i)};
	for (size_t i = 0; i < REPORT_FLAGS; i++)
		c[n++] = (struct table_column){
		    .title = "", .key = report_flag_keys[i], .hidden = true};
	return n;
}

/* --- CSV (RFC 4180), with a header line --- */

/* A spreadsheet would take it for a formula. */
static bool
is_formula(struct slice text)
{
	return text.n > 0 && memchr("=+-@", text.p[0], 4) != NULL;
}

static void
csv_text(FILE *to, struct slice text)
{
	char storage[REPORT_NAME_BYTES * 4 + 1];
	struct buf escaped = BUF_OVER(storage);

	out_escape(&escaped, text);
	(void)fprintf(to, ",\"%s", is_formula(text) ? "'" : "");
	for (size_t i = 0; i < escaped.n; i++) {
		if (escaped.p[i] == '"')
			(void)fputc('"', to);
		(void)fputc(escaped.p[i], to);
	}
	(void)fputc('"', to);
}

static void
csv_line(const struct report_view *view, const struct report_line *line)
{
	FILE *to = view->out->to;

	(void)fputs(line->account, to);
	if (view->by != REPORT_BY_NOTHING && line->row->kind == REPORT_ROW_NAMED)
		csv_text(to, line->row->name);
	else if (view->by != REPORT_BY_NOTHING)
		(void)fprintf(to, ",%s", kind_words(line->row->kind));
	for (unsigned i = 0; i < REPORT_COUNTS; i++) {
		if (report_line_says(view, line, i))
			(void)fprintf(to, ",%" PRId64, line->row->counts[i]);
		else
			(void)fputc(',', to);
	}
	for (unsigned i = 0; i < REPORT_RATES; i++) {
		char storage[40];
		struct buf rate = BUF_OVER(storage);

		if (report_line_says_rate(view, line, i))
			rate_format(&rate, report_line_rate(line, i));
		(void)fprintf(to, ",%s", buf_text(&rate));
	}
	for (size_t i = 0; i < REPORT_FLAGS; i++)
		(void)fprintf(to, ",%s", report_line_flag(line, i) ? "yes" : "no");
	(void)fputs("\r\n", to);
}

static void
csv_begin(const struct report_view *view, size_t columns)
{
	for (size_t i = 0; i < columns; i++)
		(void)fprintf(view->out->to, "%s%s", i > 0 ? "," : "", view->columns[i].key);
	(void)fputs("\r\n", view->out->to);
}

/* --- JSON: rates are numbers --- */

static void
json_line(struct report_view *view, const struct report_line *line)
{
	json_t *object = json_object();
	int failed = json_object_set_new(object, "account", json_string(line->account));

	if (view->by != REPORT_BY_NOTHING)
		failed |= json_object_set_new(object, groups[view->by].key,
		    line->row->kind == REPORT_ROW_NAMED ? out_json_text(line->row->name)
		    : line->row->kind == REPORT_ROW_NONE
			? json_null()
			: json_string(kind_words(line->row->kind)));
	for (unsigned i = 0; i < REPORT_COUNTS; i++)
		failed |= json_object_set_new(object, report_count_name(i),
		    report_line_says(view, line, i) ? json_integer(line->row->counts[i])
						    : json_null());
	for (unsigned i = 0; i < REPORT_RATES; i++)
		failed |= json_object_set_new(object, rates[i].key,
		    report_line_says_rate(view, line, i)
			? json_real((double)report_line_rate(line, i) / (double)MILLION)
			: json_null());
	for (size_t i = 0; i < REPORT_FLAGS; i++)
		failed |= json_object_set_new(
		    object, report_flag_keys[i], json_boolean(report_line_flag(line, i)));
	view->out->failed = view->out->failed || failed != 0;
	out_json(view->out, object, !view->begun);
	view->begun = true;
}

/* --- all forms --- */

static void
line_print(struct report_view *view, const struct report_line *line)
{
	if (view->csv)
		csv_line(view, line);
	else if (view->out->form == OUT_JSON)
		json_line(view, line);
	else
		table_line(view, line);
}

/* Returns how many rows there was no room for. */
static size_t
report_lines(struct report_view *view, const struct report_done *done)
{
	const struct report_row *rows, *total = report_total(done->report);
	size_t n = report_rows(done->report, &rows);
	struct report_line line = {done->account, total, total->counts[REPORT_RCPTS]};

	if (view->by == REPORT_BY_NOTHING) {
		line_print(view, &line);
		return 0;
	}
	for (size_t i = 0; i < n && (view->limit == 0 || i < view->limit); i++) {
		line.row = &rows[i];
		if (view->by != REPORT_BY_LINK && view->by != REPORT_BY_CLASS)
			line.sent = rows[i].counts[REPORT_RCPTS];
		line_print(view, &line);
	}
	line.row = total;
	line.sent = total->counts[REPORT_RCPTS];
	if (view->out->form == OUT_TERMINAL && !view->csv)
		line_print(view, &line);
	return view->limit > 0 && n > view->limit ? n - view->limit : 0;
}

/* What a reader must know who does not know how it was counted. */
static void
notes_print(struct report_view *view, const struct report_done *done, size_t n, size_t left)
{
	int64_t without = 0, counted = 0;

	for (size_t i = 0; i < n; i++) {
		without += report_without_rcpt(done[i].report);
		counted += report_counted(done[i].report);
	}
	if (left > 0)
		out_print(view->out, OUT_DIM, "%zu more rows; --limit 0 shows all\n", left);
	if (without > 0)
		out_print(view->out, OUT_DIM,
		    "%" PRId64 " events say no recipient: of each message, they are one.\n",
		    without);
	if (view->marked)
		out_print(view->out, OUT_DIM,
		    "!: complaints from 0.1 %%, hard bounces from 5 %%: more than providers want.\n"
		    "!!: complaints from 0.3 %%, hard bounces from 10 %%: mail is refused.\n");
	if (counted > 0)
		out_print(view->out, OUT_DIM,
		    "%" PRId64 " were only counted (privacy): they are in TIMES, and in no rate.\n",
		    counted);
}

void
report_print(struct report_view *view, const struct report_done *done, size_t n)
{
	struct report_line grand = {NULL, &view->grand, 0};
	bool terminal = view->out->form == OUT_TERMINAL && !view->csv;
	size_t columns, left = 0;

	view->grand = (struct report_row){.kind = REPORT_ROW_TOTAL};
	for (size_t i = 0; i < n; i++) {
		for (size_t count = 0; count < REPORT_COUNTS; count++)
			view->grand.counts[count] += report_total(done[i].report)->counts[count];
	}
	grand.sent = view->grand.counts[REPORT_RCPTS];
	columns = columns_make(view);
	if (view->csv)
		csv_begin(view, columns);
	else if (view->out->form != OUT_JSON)
		table_begin(&view->table, view->out, view->columns, columns);
	for (size_t i = 0; i < n; i++)
		left += report_lines(view, &done[i]);
	if (terminal && view->all)
		line_print(view, &grand);
	if (!view->csv && view->out->form == OUT_JSON)
		out_json_end(view->out, !view->begun);
	else if (!view->csv)
		table_end(&view->table);
	if (terminal)
		notes_print(view, done, n, left);
}
