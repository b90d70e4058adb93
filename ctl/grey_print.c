/*
 * grey_print.c - how tuples are shown; see grey.h.
 */
#include "grey.h"

#include "words.h"

/* What a machine reads has everything; a person is told what comes of it. */
static const struct table_column machine_columns[] = {
    {.title = "", .key = "state"},
    {.title = "", .key = "identity"},
    {.title = "", .key = "sender"},
    {.title = "", .key = "rcpt"},
    {.title = "", .key = "tries"},
    {.title = "", .key = "first"},
    {.title = "", .key = "last"},
    {.title = "", .key = "passed"},
    {.title = "", .key = "passes_from"},
    {.title = "", .key = "forgotten"},
};

static const struct table_column terminal_columns[] = {
    {.title = "STATE", .key = ""},
    {.title = "LAST MAIL", .key = ""},
    {.title = "TRIES", .key = "", .right = true},
    {.title = "WHAT NEXT", .key = ""},
    {.title = "IDENTITY", .key = ""},
    {.title = "SENDER", .key = ""},
    {.title = "RECIPIENT", .key = ""},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* From then on a retry passes. */
static int64_t
passes_from(const struct grey_view *view, const struct grey_tuple *tuple)
{
	return tuple->first + view->conf->block_s;
}

/* Until then, the last second included, it is remembered. */
static int64_t
forgotten(const struct grey_view *view, const struct grey_tuple *tuple)
{
	return tuple->passed != 0 ? tuple->last + view->conf->expire_s
				  : tuple->first + view->conf->pass_s;
}

void
grey_table_begin(struct table *t, struct out *out)
{
	if (out->form == OUT_TERMINAL)
		table_begin(t, out, terminal_columns, COUNT(terminal_columns));
	else
		table_begin(t, out, machine_columns, COUNT(machine_columns));
}

static void
machine_row(struct table *t, const struct grey_view *view, const struct store_grey_row *row)
{
	const struct grey_tuple *tuple = &row->tuple;

	table_words(t, OUT_NORMAL, tuple->passed != 0 ? "passed" : "waiting");
	table_text(t, OUT_NORMAL, row->identity);
	table_text(t, OUT_NORMAL, row->sender);
	table_text(t, OUT_NORMAL, row->rcpt);
	table_number(t, OUT_NORMAL, tuple->tries);
	table_number(t, OUT_NORMAL, tuple->first);
	table_number(t, OUT_NORMAL, tuple->last);
	if (tuple->passed != 0) {
		table_number(t, OUT_NORMAL, tuple->passed);
		table_none(t);
	} else {
		table_none(t);
		table_number(t, OUT_NORMAL, passes_from(view, tuple));
	}
	table_number(t, OUT_NORMAL, forgotten(view, tuple));
}

/* "a retry passes in 3 minutes", and what else may come. */
static void
next_format(struct buf *out, const struct grey_view *view, const struct grey_tuple *tuple)
{
	int64_t until = forgotten(view, tuple);

	if (view->now_s > until) {
		buf_add_text(out, "the next starts anew");
	} else if (tuple->passed != 0) {
		buf_add_text(out, "forgotten ");
		words_when(out, until, view->now_s);
	} else if (passes_from(view, tuple) > view->now_s) {
		buf_add_text(out, "passes ");
		words_when(out, passes_from(view, tuple), view->now_s);
	} else {
		buf_add_text(out, "passes for ");
		words_duration(out, until + 1 - view->now_s); /* the last second counts */
		buf_add_text(out, " more");
	}
}

static void
terminal_row(struct table *t, const struct grey_view *view, const struct store_grey_row *row)
{
	const struct grey_tuple *tuple = &row->tuple;
	bool passed = tuple->passed != 0;
	char storage[80];
	struct buf next = BUF_OVER(storage);

	next_format(&next, view, tuple);
	table_words(t, passed ? OUT_GOOD : OUT_WARNING, passed ? "passed" : "waiting");
	table_time(t, OUT_NORMAL, tuple->last, view->now_s);
	table_number(t, OUT_NORMAL, tuple->tries);
	table_text(t, OUT_NORMAL, buf_slice(&next));
	table_text(t, OUT_NORMAL, row->identity);
	table_text(t, OUT_NORMAL, row->sender);
	table_text(t, OUT_NORMAL, row->rcpt);
	table_row(t);
}

void
grey_table_row(struct table *t, const struct grey_view *view, const struct store_grey_row *row)
{
	if (t->out->form == OUT_TERMINAL) {
		terminal_row(t, view, row);
	} else {
		machine_row(t, view, row);
		table_row(t);
	}
}

/* "  first try   5 minutes ago (2026-11-21 03:14:15 UTC)" */
static void
tell_time(const struct grey_view *view, const char *what, int64_t unix_s)
{
	struct out *out = &view->ctl->out;
	char storage[128];
	struct buf text = BUF_OVER(storage);

	words_when(&text, unix_s, view->now_s);
	out_print(out, OUT_NORMAL, "  %-10s  %s", what, buf_text(&text));
	buf_reset(&text);
	words_clock(&text, unix_s);
	out_print(out, OUT_DIM, "  (%s)\n", buf_text(&text));
}

static void
tell_state(const struct grey_view *view, const struct grey_tuple *tuple)
{
	struct out *out = &view->ctl->out;
	char storage[64];
	struct buf text = BUF_OVER(storage);

	if (tuple->passed != 0) {
		words_duration(&text, tuple->passed - tuple->first);
		out_print(out, OUT_NORMAL, "  %-10s  ", "state");
		out_print(out, OUT_GOOD, "passed");
		out_print(out, OUT_NORMAL, ", %s after the first try\n", buf_text(&text));
		tell_time(view, "forgotten", forgotten(view, tuple));
		return;
	}
	out_print(out, OUT_NORMAL, "  %-10s  ", "state");
	out_print(out, OUT_WARNING, "waiting");
	if (view->now_s > forgotten(view, tuple))
		out_print(out, OUT_NORMAL, ", but too long: the next try is a first try\n");
	else if (passes_from(view, tuple) > view->now_s)
		out_print(out, OUT_NORMAL, ": a retry is still too early\n");
	else
		out_print(out, OUT_NORMAL, ": a retry would pass\n");
	tell_time(view, "may pass", passes_from(view, tuple));
	tell_time(view, "too late", forgotten(view, tuple));
}

static void
tell_identity(const struct grey_view *view, struct slice text)
{
	struct out *out = &view->ctl->out;
	struct identity identity = {.kind = IDENTITY_NETWORK};
	struct buf to = BUF_OVER(identity.text);
	struct grey_known known;
	struct err err;

	buf_add(&to, text);
	(void)buf_text(&to);
	if (view->conf->promote_after == 0 ||
	    store_admin_known_get(view->admin, &identity, &known, &err) != 1)
		return;
	if (known.passes >= view->conf->promote_after)
		out_print(out, OUT_NORMAL, "  %-10s  known: nothing of it is put off any more\n",
		    "identity");
	else
		out_print(out, OUT_NORMAL, "  %-10s  %lld of %lld pass%s on its way to be known\n",
		    "identity", (long long)known.passes, (long long)view->conf->promote_after,
		    view->conf->promote_after == 1 ? "" : "es");
}

void
grey_tell(const struct grey_view *view, const struct store_grey_row *row)
{
	struct out *out = &view->ctl->out;
	const struct grey_tuple *tuple = &row->tuple;

	out_slice(out, OUT_BOLD, row->identity);
	out_print(out, OUT_NORMAL, "  ");
	out_slice(out, OUT_BOLD, row->sender);
	out_print(out, OUT_NORMAL, " -> ");
	out_slice(out, OUT_BOLD, row->rcpt);
	out_print(out, OUT_NORMAL, "\n");
	tell_time(view, "first try", tuple->first);
	if (tuple->last != tuple->first)
		tell_time(view, tuple->passed != 0 ? "last mail" : "last try", tuple->last);
	out_print(out, OUT_NORMAL, "  %-10s  %lld%s\n", "tries", (long long)tuple->tries,
	    tuple->passed != 0 ? ", until it passed" : "");
	tell_state(view, tuple);
	tell_identity(view, row->identity);
}

void
grey_count_format(struct buf *out, int64_t n, const char *one, const char *many)
{
	char storage[24];
	struct buf digits = BUF_OVER(storage);

	buf_add_format(&digits, "%lld", (long long)n);
	for (size_t i = 0; i < digits.n; i++) {
		if (i > 0 && (digits.n - i) % 3 == 0)
			buf_add_char(out, ',');
		buf_add_char(out, digits.p[i]);
	}
	buf_add_format(out, " %s", n == 1 ? one : many);
}

void
grey_report(struct ctl *ctl, const char *key, int64_t n, const char *sentence)
{
	const struct table_column column = {.title = "", .key = key};
	struct table table;

	if (ctl->out.form == OUT_TERMINAL) {
		out_slice(&ctl->out, OUT_NORMAL, slice_of(sentence));
		out_print(&ctl->out, OUT_NORMAL, "\n");
		return;
	}
	table_begin(&table, &ctl->out, &column, 1);
	table_number(&table, OUT_NORMAL, n);
	table_row(&table);
	table_end(&table);
}
