/*
 * grey_list.c - `grey list` and `grey show`.
 */
#include "grey.h"

#include "newest.h"

#include <stdlib.h>

/* A row with its own copy of the key. */
struct kept_row {
	struct store_grey_row row;
	char key[];
};

/* The same part of the copy. */
static struct slice
moved(struct slice part, const char *from, const char *to)
{
	return slice_make(to + (part.p - from), part.n);
}

static struct kept_row *
row_keep(const struct store_grey_row *row)
{
	struct kept_row *kept = malloc(sizeof(*kept) + row->key.n);

	if (kept == NULL)
		return NULL;
	memcpy(kept->key, row->key.p, row->key.n);
	kept->row = *row;
	kept->row.key.p = kept->key;
	kept->row.identity = moved(row->identity, row->key.p, kept->key);
	kept->row.sender = moved(row->sender, row->key.p, kept->key);
	kept->row.rcpt = moved(row->rcpt, row->key.p, kept->key);
	return kept;
}

struct listing {
	struct grey_view *view;
	struct table table;
	struct newest newest;
	int64_t limit; /* 0: all */
	int64_t found;
};

static bool
list_one(void *arg, const struct store_grey_row *row)
{
	struct listing *l = arg;
	struct kept_row *kept;

	l->found++;
	if (l->limit == 0) {
		grey_table_row(&l->table, l->view, row);
		return !out_is_dead(&l->view->ctl->out);
	}
	if (!newest_wants(&l->newest, row->tuple.last))
		return true;
	kept = row_keep(row);
	if (kept != NULL && newest_put(&l->newest, row->tuple.last, kept) == 0)
		return true;
	l->view->ctl->out.failed = true;
	return false;
}

static void
listing_close(struct listing *l)
{
	struct out *out = &l->view->ctl->out;
	char storage[64];
	struct buf count = BUF_OVER(storage);

	newest_sort(&l->newest);
	for (size_t i = 0; i < l->newest.n; i++) {
		const struct kept_row *kept = l->newest.v[i].thing;

		grey_table_row(&l->table, l->view, &kept->row);
	}
	table_end(&l->table);
	newest_fini(&l->newest);
	if (out->form != OUT_TERMINAL)
		return;
	grey_count_format(&count, l->found, "tuple", "tuples");
	if (l->limit > 0 && l->found > l->limit)
		out_print(out, OUT_DIM, "\nthe newest %lld of %s; --limit 0 shows all\n",
		    (long long)l->limit, buf_text(&count));
	else
		out_print(out, OUT_DIM, "%s%s\n", l->found > 0 ? "\n" : "", buf_text(&count));
}

/* Lists what is selected; CTL_NOT_FOUND when that is nothing, though something was asked for. */
static int
list(struct grey_view *view, const struct selector *selector, int64_t limit, bool asked)
{
	struct listing l = {.view = view, .limit = limit};
	int code;

	newest_init(&l.newest, (size_t)limit);
	grey_table_begin(&l.table, &view->ctl->out);
	code = grey_each(view, selector, list_one, &l);
	listing_close(&l);
	if (code == CTL_OK && asked && l.found == 0)
		return CTL_NOT_FOUND;
	return code;
}

int
grey_list_command(struct ctl *ctl)
{
	const unsigned asks[] = {ARG_IDENTITY, ARG_SENDER, ARG_RCPT, ARG_STATE};
	struct selector selector;
	struct grey_view view;
	bool asked = false;
	int64_t limit;
	int code = grey_list_init(&view, ctl, &selector, &limit);

	if (code != CTL_OK)
		return code;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		asked = asked || ctl->args.value[asks[i]] != NULL;
	return list(&view, &selector, limit, asked);
}

static bool
tell_one(void *arg, const struct store_grey_row *row)
{
	struct listing *l = arg;

	if (l->found++ > 0)
		out_print(&l->view->ctl->out, OUT_NORMAL, "\n");
	grey_tell(l->view, row);
	return !out_is_dead(&l->view->ctl->out);
}

/* Everything with that address, in words on a terminal. */
static int
show_all(struct grey_view *view, const struct selector *selector)
{
	struct listing l = {.view = view};
	int code;

	if (view->ctl->out.form != OUT_TERMINAL)
		return list(view, selector, 0, true);
	code = grey_each(view, selector, tell_one, &l);
	if (code == CTL_OK && l.found == 0)
		return ctl_fail(CTL_NOT_FOUND, "no tuple with %s", view->ctl->operand[0]);
	return code;
}

static int
show_one(struct grey_view *view)
{
	struct store_grey_storage storage;
	struct store_grey_row row;
	struct table table;
	int status = grey_row_of(view, &storage, &row);

	if (status < 0)
		return EX_UNAVAILABLE;
	if (status == 0)
		return ctl_fail(CTL_NOT_FOUND, "there is no tuple %.*s %.*s %.*s",
		    SLICE_ARG(row.identity), SLICE_ARG(row.sender), SLICE_ARG(row.rcpt));
	if (view->ctl->out.form == OUT_TERMINAL) {
		grey_tell(view, &row);
		return CTL_OK;
	}
	grey_table_begin(&table, &view->ctl->out);
	grey_table_row(&table, view, &row);
	table_end(&table);
	return CTL_OK;
}

int
grey_show_command(struct ctl *ctl)
{
	struct selector selector;
	struct grey_view view;
	int code;

	if (ctl->operands == 2)
		return ctl_fail(EX_USAGE, "grey show wants one address, or IDENTITY SENDER RCPT");
	code = grey_view_init(&view, ctl);
	if (code != CTL_OK)
		return code;
	if (ctl->operands == 3)
		return show_one(&view);
	select_operand(&selector, ctl->operand[0]);
	return show_all(&view, &selector);
}
