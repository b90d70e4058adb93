/*
 * suppress_import.c - `suppress import`: a file of suppressed recipients is checked as a whole, and
 * then written, in batches. Whom a list has already stays on it for as long as he was, or longer:
 * nobody is released by an import.
 */
#include "io/deadline.h"
#include "suppress.h"
#include "suppress_format.h"

#include <errno.h>
#include <stdlib.h>

/* What a person reads of what is wrong. */
#define COMPLAINTS_MAX 50

/* How often a batch is tried again, when each time somebody else is faster. */
#define TRIES 200

enum state { STATE_CREATED, STATE_CHANGED, STATE_SAME, STATE_KEPT, STATES };

struct item {
	struct suppress_record record;
	size_t place; /* in the batch */
};

struct import {
	struct suppress_view view;
	FILE *from;
	const char *name; /* of the file, for complaints */
	struct csv csv;
	struct suppress_file file;
	size_t rows, wrong, written;
	size_t count[STATES];
	bool write; /* else it is only looked at */
	int64_t began_us;
	/* the batch */
	size_t n;
	struct item items[STORE_SUPPRESSIONS_BATCH];
	struct slice rcpts[STORE_SUPPRESSIONS_BATCH];
	struct suppression there[STORE_SUPPRESSIONS_BATCH];
	struct store_suppression changes[STORE_SUPPRESSIONS_BATCH];
};

static const struct table_column columns[] = {
    {.title = "", .key = "format"},
    {.title = "", .key = "rows"},
    {.title = "", .key = "created"},
    {.title = "", .key = "changed"},
    {.title = "", .key = "same"},
    {.title = "", .key = "kept"},
    {.title = "", .key = "wrong"},
    {.title = "", .key = "rows_per_second"},
};

/* --- the file --- */

/* Standard input is kept in a file of our own, since it is read twice. */
static int
spool(struct import *im)
{
	char bytes[65536];
	size_t n;

	im->from = tmpfile();
	while (im->from != NULL && (n = fread(bytes, 1, sizeof(bytes), stdin)) > 0) {
		if (fwrite(bytes, 1, n, im->from) != n)
			break;
	}
	if (im->from == NULL || ferror(stdin) || !feof(stdin) || fflush(im->from) != 0)
		return ctl_fail(EX_IOERR, "standard input: %s", strerror(errno));
	return CTL_OK;
}

static int
file_open(struct import *im)
{
	struct ctl *ctl = im->view.ctl;
	bool named = ctl->operands > 0 && strcmp(ctl->operand[0], "-") != 0;

	im->name = named ? ctl->operand[0] : "standard input";
	if (!named)
		return spool(im);
	im->from = fopen(im->name, "re");
	if (im->from == NULL)
		return ctl_fail(EX_NOINPUT, "%s: %s", im->name, strerror(errno));
	return CTL_OK;
}

/* "bounces.csv: line 7: "x" is no address" */
static void
complain(struct import *im, const char *text)
{
	const struct csv *csv = &im->csv;
	char lines[60];

	if (im->wrong++ >= COMPLAINTS_MAX)
		return;
	/* a quote that is not closed may have taken many with it */
	if (csv->next_line > csv->line + 1)
		(void)snprintf(
		    lines, sizeof(lines), "lines %zu to %zu", csv->line, csv->next_line - 1);
	else
		(void)snprintf(lines, sizeof(lines), "line %zu", csv->line);
	(void)ctl_fail(0, "%s: %s: %s", im->name, lines, text);
}

/* Reads what the first line says. */
static int
header_read(struct import *im)
{
	const char *reason = im->view.ctl->args.value[ARG_REASON];
	enum suppression_reason given = suppress_reason_parse(slice_of(reason));
	struct err err;

	if (reason != NULL && given == SUPPRESSED_NOT)
		return ctl_fail(EX_USAGE,
		    "--reason %.40s: write bounced, complained, unsubscribed or manual", reason);
	rewind(im->from);
	csv_init(&im->csv, im->from);
	if (!csv_next(&im->csv))
		return ctl_fail(EX_USAGE, "%s: there is nothing in it", im->name);
	csv_separator_find(&im->csv);
	if (suppress_file_init(&im->file, &im->csv, given, &err) != 0)
		return ctl_fail(EX_USAGE, "%s: %s", im->name, err.text);
	if (im->file.at[COLUMN_ACCOUNT] < 0 && im->view.account == NULL)
		return ctl_fail(
		    EX_USAGE, "whose list? --account NAME, or --all for the list of all accounts");
	return CTL_OK;
}

/* --- a batch --- */

/* By account and recipient; who stands twice, in the order of the file. */
static int
item_order(const void *left, const void *right)
{
	const struct item *a = left;
	const struct item *b = right;
	int order = strcmp(a->record.account, b->record.account);

	if (order == 0)
		order = slice_compare(slice_make(a->record.rcpt, a->record.rcpt_n),
		    slice_make(b->record.rcpt, b->record.rcpt_n));
	if (order == 0)
		order = a->place < b->place ? -1 : 1;
	return order;
}

/* Of who stands twice one row is left: the one that stands before the other. */
static void
batch_unite(struct import *im)
{
	size_t n = 0;

	qsort(im->items, im->n, sizeof(*im->items), item_order);
	for (size_t i = 0; i < im->n; i++) {
		struct item *last = n > 0 ? &im->items[n - 1] : NULL;
		struct item *item = &im->items[i];

		if (last == NULL || strcmp(last->record.account, item->record.account) != 0 ||
		    !slice_eq(slice_make(last->record.rcpt, last->record.rcpt_n),
			slice_make(item->record.rcpt, item->record.rcpt_n))) {
			memmove(&im->items[n++], item, sizeof(*item));
			continue;
		}
		im->count[STATE_KEPT]++;
		if (suppress_gives_way(&last->record.entry, &item->record.entry, im->view.now_s))
			*last = *item;
	}
	im->n = n;
}

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

static enum state
item_state(const struct import *im, const struct suppression *there, const struct suppression *new)
{
	if (there->reason == SUPPRESSED_NOT)
		return STATE_CREATED;
	if (entry_eq(there, new))
		return STATE_SAME;
	return suppress_gives_way(there, new, im->view.now_s) ? STATE_CHANGED : STATE_KEPT;
}

/* Some rows of one account: 1, 0 when somebody else was faster, or -1. */
static int
run_write(struct import *im, struct item *items, size_t n, struct err *err)
{
	const char *account = items->record.account;
	size_t count[STATES] = {0}, changes = 0;
	int status = 1;

	for (size_t i = 0; i < n; i++)
		im->rcpts[i] = slice_make(items[i].record.rcpt, items[i].record.rcpt_n);
	if (store_admin_suppressions_watch(im->view.admin, account, im->rcpts, n, im->there, err) !=
	    0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		enum state state = item_state(im, &im->there[i], &items[i].record.entry);

		count[state]++;
		if (state == STATE_CREATED || state == STATE_CHANGED)
			im->changes[changes++] = (struct store_suppression){
			    im->rcpts[i], &items[i].record.entry};
	}
	/* without changes it only ends the watch */
	status = store_admin_suppressions_set(
	    im->view.admin, account, im->changes, im->write ? changes : 0, err);
	for (size_t i = 0; i < STATES && status > 0; i++)
		im->count[i] += count[i];
	im->written += status > 0 ? changes : 0;
	return status;
}

static int
run_try(struct import *im, struct item *items, size_t n, struct err *err)
{
	for (int i = 0; i < TRIES; i++) {
		int status = run_write(im, items, n, err);

		if (status != 0)
			return status < 0 ? -1 : 0;
	}
	return err_set(err, ERR_TIMEOUT, "others change that list again and again; try later");
}

static int
batch_write(struct import *im)
{
	struct err err;

	batch_unite(im);
	for (size_t from = 0, n; from < im->n; from += n) {
		struct item *first = &im->items[from];

		for (n = 1; from + n < im->n &&
			    strcmp(first[n].record.account, first->record.account) == 0;)
			n++;
		if (run_try(im, first, n, &err) != 0)
			return ctl_fail(EX_UNAVAILABLE,
			    "%s; %zu were written: import the file again", err.text,
			    im->write ? im->written : 0);
	}
	im->n = 0;
	return CTL_OK;
}

/* --- all rows --- */

/* The row as a record with its account. */
static int
record_read(struct import *im, struct suppress_record *record_r, struct err *err)
{
	if (suppress_file_read(&im->file, &im->csv, record_r, err) != 0)
		return -1;
	if (im->view.account != NULL)
		(void)snprintf(
		    record_r->account, sizeof(record_r->account), "%s", im->view.account);
	if (record_r->account[0] == '\0')
		return err_set(err, ERR_INVALID, "there is no account; --account names one");
	return 0;
}

static int
rows_end(struct import *im)
{
	if (ferror(im->from))
		return ctl_fail(EX_IOERR, "%s: %s", im->name, strerror(errno));
	return CTL_OK;
}

/* Looks at all rows, and says what is wrong. */
static int
rows_check(struct import *im)
{
	bool more = im->file.headless || csv_next(&im->csv);

	for (; more; more = csv_next(&im->csv)) {
		struct err err;

		im->rows++;
		if (record_read(im, &im->items[0].record, &err) != 0)
			complain(im, err.text);
	}
	if (im->wrong > COMPLAINTS_MAX)
		(void)ctl_fail(0, "and %zu more", im->wrong - COMPLAINTS_MAX);
	if (im->wrong > 0 && im->view.ctl->args.value[ARG_SKIP_WRONG] == NULL)
		return ctl_fail(EX_USAGE,
		    "nothing was written; --skip-wrong leaves out the rows that are wrong");
	return rows_end(im);
}

static int
rows_write(struct import *im)
{
	bool more;
	int code = header_read(im);

	more = code == CTL_OK && (im->file.headless || csv_next(&im->csv));
	for (; code == CTL_OK && more; more = csv_next(&im->csv)) {
		struct item *item = &im->items[im->n];
		struct err err;

		if (record_read(im, &item->record, &err) != 0)
			continue; /* it was named */
		item->place = im->n++;
		if (im->n == STORE_SUPPRESSIONS_BATCH)
			code = batch_write(im);
	}
	if (code == CTL_OK)
		code = rows_end(im);
	return code == CTL_OK ? batch_write(im) : code;
}

/* --- telling --- */

static int64_t
rows_per_second(const struct import *im)
{
	int64_t took_us = deadline_now_us() - im->began_us;

	return (int64_t)im->rows * 1000000 / (took_us > 0 ? took_us : 1);
}

static void
sentence_tell(struct import *im)
{
	struct out *out = &im->view.ctl->out;

	out_print(out, OUT_NORMAL, "%s: %zu rows: %zu created, %zu changed, %zu the same, %zu kept",
	    im->file.name, im->rows, im->count[STATE_CREATED], im->count[STATE_CHANGED],
	    im->count[STATE_SAME], im->count[STATE_KEPT]);
	if (im->wrong > 0)
		out_print(out, OUT_WARNING, ", %zu wrong and left out", im->wrong);
	out_print(out, OUT_DIM, "; %lld rows per second%s\n", (long long)rows_per_second(im),
	    im->write ? "" : "; but for --dry-run: nothing was written");
}

static void
tell(struct import *im)
{
	struct table t;

	if (im->view.ctl->out.form == OUT_TERMINAL) {
		sentence_tell(im);
		return;
	}
	table_begin(&t, &im->view.ctl->out, columns, sizeof(columns) / sizeof(*columns));
	table_words(&t, OUT_NORMAL, im->file.name);
	table_number(&t, OUT_NORMAL, (int64_t)im->rows);
	for (size_t i = 0; i < STATES; i++)
		table_number(&t, OUT_NORMAL, (int64_t)im->count[i]);
	table_number(&t, OUT_NORMAL, (int64_t)im->wrong);
	table_number(&t, OUT_NORMAL, rows_per_second(im));
	table_row(&t);
	table_end(&t);
}

/* --- the command --- */

static int
import_file(struct import *im)
{
	int code = file_open(im);

	im->began_us = deadline_now_us();
	im->write = im->view.ctl->args.value[ARG_DRY_RUN] == NULL;
	if (code == CTL_OK)
		code = header_read(im);
	if (code == CTL_OK)
		code = rows_check(im);
	if (code == CTL_OK)
		code = rows_write(im);
	if (code == CTL_OK)
		tell(im);
	if (im->from != NULL)
		(void)fclose(im->from);
	return code;
}

int
suppress_import_command(struct ctl *ctl)
{
	bool named = ctl->args.value[ARG_ACCOUNT] != NULL || ctl->args.value[ARG_ALL] != NULL;
	struct import *im = calloc(1, sizeof(*im));
	int code;

	if (im == NULL)
		return ctl_fail(EX_UNAVAILABLE, "no memory");
	/* a file of ours may name the accounts itself */
	code = named ? suppress_view_init_one(&im->view, ctl) : suppress_view_init(&im->view, ctl);
	if (code == CTL_OK)
		code = import_file(im);
	free(im);
	return code;
}
