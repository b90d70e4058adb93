/*
 * suppress_list.c - `suppress list`: who is suppressed, the newest first.
 */
#include "grey.h"
#include "suppress.h"

#include <stdlib.h>

#define LIMIT_ON_TERMINAL 50
#define LIMIT_MAX         100000000
#define ROOM_AT_FIRST     256

/* A row with its own copies. */
struct kept {
	struct suppress_row row;
	char bytes[]; /* the account with a NUL, the recipient */
};

struct listing {
	struct suppress_view *view;
	struct kept **v;
	size_t n, room;
	size_t limit; /* 0: all */
	size_t found;
	bool failed;
};

/* The newest first; of the same time by account and address. */
static int
order(const void *left, const void *right)
{
	const struct suppress_row *a = &(*(struct kept *const *)left)->row;
	const struct suppress_row *b = &(*(struct kept *const *)right)->row;
	int names;

	if (a->entry.last_s != b->entry.last_s)
		return a->entry.last_s > b->entry.last_s ? -1 : 1;
	names = strcmp(a->account, b->account);
	return names != 0 ? names : slice_compare(a->rcpt, b->rcpt);
}

/* Keeps the first of them in order. */
static void
cut(struct listing *l, size_t n)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(struct kept *), order);
	while (l->n > n)
		free(l->v[--l->n]);
}

/* Room for one more, which is all that are wanted, and as many again. */
static bool
make_room(struct listing *l)
{
	size_t room = l->room == 0 ? ROOM_AT_FIRST : 2 * l->room;
	struct kept **v;

	if (l->limit > 0 && l->n >= 2 * l->limit)
		cut(l, l->limit);
	if (l->n < l->room)
		return true;
	v = realloc(l->v, room * sizeof(struct kept *));
	if (v == NULL)
		return false;
	l->v = v;
	l->room = room;
	return true;
}

static bool
row_keep(void *arg, const struct suppress_row *row)
{
	struct listing *l = arg;
	size_t account_n = strlen(row->account) + 1;
	struct kept *kept;

	l->found++;
	kept = make_room(l) ? malloc(sizeof(*kept) + account_n + row->rcpt.n) : NULL;
	if (kept == NULL) {
		l->failed = true;
		return false;
	}
	kept->row = *row;
	memcpy(kept->bytes, row->account, account_n);
	memcpy(kept->bytes + account_n, row->rcpt.p, row->rcpt.n);
	kept->row.account = kept->bytes;
	kept->row.rcpt.p = kept->bytes + account_n;
	l->v[l->n++] = kept;
	return true;
}

static void
listing_print(struct listing *l)
{
	struct out *out = &l->view->ctl->out;
	struct table t;
	char storage[64];
	struct buf count = BUF_OVER(storage);

	suppress_table_begin(&t, out);
	for (size_t i = 0; i < l->n && !out_is_dead(out); i++)
		suppress_table_row(&t, l->view, &l->v[i]->row);
	table_end(&t);
	if (out->form != OUT_TERMINAL)
		return;
	grey_count_format(&count, (int64_t)l->found, "entry", "entries");
	if (l->found > l->n)
		out_print(out, OUT_DIM, "\nthe newest %zu of %s; --limit 0 shows all\n", l->n,
		    buf_text(&count));
	else
		out_print(out, OUT_DIM, "%s%s\n", l->n > 0 ? "\n" : "", buf_text(&count));
}

int
suppress_list_command(struct ctl *ctl)
{
	int64_t limit = ctl->out.form == OUT_TERMINAL ? LIMIT_ON_TERMINAL : 0;
	struct listing l = {.n = 0};
	struct suppress_filter filter;
	struct suppress_view view;
	struct err err;
	int code;

	if (args_number(&ctl->args, ARG_LIMIT, LIMIT_MAX, &limit, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	code = suppress_view_init(&view, ctl);
	if (code == CTL_OK)
		code = suppress_filter_read(&view, &filter);
	if (code != CTL_OK)
		return code;
	l.view = &view;
	l.limit = (size_t)limit;
	code = suppress_each(&view, &filter, row_keep, &l);
	if (l.failed)
		code = ctl_fail(EX_UNAVAILABLE,
		    "no memory for so many; --limit, or suppress export, which needs none");
	if (code == CTL_OK) {
		cut(&l, l.limit > 0 ? l.limit : l.n);
		listing_print(&l);
	}
	for (size_t i = 0; i < l.n; i++)
		free(l.v[i]);
	free(l.v);
	return code;
}
