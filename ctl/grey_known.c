/*
 * grey_known.c - `grey known`: the identities that are not put off any more, or will not be for
 * long.
 */
#include "grey.h"

#include "newest.h"

#include <stdlib.h>

static const struct table_column columns[] = {
    {.title = "STATE", .key = "state"},
    {.title = "PASSES", .key = "passes", .right = true},
    {.title = "LAST COUNTED", .key = "last_counted"},
    {.title = "LAST MAIL", .key = "last"},
    {.title = "FORGOTTEN", .key = "forgotten"},
    {.title = "IDENTITY", .key = "identity"},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct kept_known {
	struct grey_known known;
	size_t n;
	char identity[];
};

static void
row_show(struct table *t, const struct grey_view *view, const struct kept_known *row)
{
	const struct grey_known *known = &row->known;
	bool is_known = view->conf->promote_after > 0 && known->passes >= view->conf->promote_after;

	table_words(t, is_known ? OUT_GOOD : OUT_DIM, is_known ? "known" : "on its way");
	table_number(t, OUT_NORMAL, known->passes);
	table_time(t, OUT_NORMAL, known->last_counted, view->now_s);
	table_time(t, OUT_NORMAL, known->last, view->now_s);
	table_time(t, OUT_NORMAL, known->last + view->conf->expire_s, view->now_s);
	table_text(t, OUT_NORMAL, slice_make(row->identity, row->n));
	table_row(t);
}

static int
row_keep(struct newest *newest, const struct store_known_row *row)
{
	struct kept_known *kept;

	if (!newest_wants(newest, row->known.last))
		return 0;
	kept = malloc(sizeof(*kept) + row->identity.n);
	if (kept == NULL)
		return -1;
	kept->known = row->known;
	kept->n = row->identity.n;
	memcpy(kept->identity, row->identity.p, row->identity.n);
	return newest_put(newest, row->known.last, kept);
}

/* Gathers the newest; returns how many there are in all, or -1 after a complaint. */
static int64_t
gather(struct grey_view *view, const struct selector *selector, struct newest *newest)
{
	struct store_known_row row;
	struct err err;
	struct store_scan *scan = store_admin_known_scan(view->admin, &err);
	int status = scan == NULL ? -1 : 1;
	int64_t found = 0;

	while (status > 0) {
		status = store_scan_known(scan, &row, &err);
		if (status <= 0 || !select_field_has(&selector->identity, row.identity))
			continue;
		found++;
		if (row_keep(newest, &row) != 0)
			status = err_set(&err, ERR_NOMEM, "no memory; --limit asks for less");
	}
	store_scan_free(scan);
	if (status < 0)
		(void)grey_failed(&err);
	return status < 0 ? -1 : found;
}

static void
show(struct grey_view *view, struct newest *newest, int64_t found)
{
	struct out *out = &view->ctl->out;
	char storage[64];
	struct buf count = BUF_OVER(storage);
	struct table table;

	newest_sort(newest);
	table_begin(&table, out, columns, COLUMNS);
	for (size_t i = 0; i < newest->n; i++)
		row_show(&table, view, newest->v[i].thing);
	table_end(&table);
	if (out->form != OUT_TERMINAL)
		return;
	grey_count_format(&count, found, "identity", "identities");
	out_print(out, OUT_DIM, "%s%s%s; known from %lld pass%s on\n", found > 0 ? "\n" : "",
	    buf_text(&count), (size_t)found > newest->n ? ", the newest shown" : "",
	    (long long)view->conf->promote_after, view->conf->promote_after == 1 ? "" : "es");
}

int
grey_known_command(struct ctl *ctl)
{
	struct selector selector;
	struct grey_view view;
	struct newest newest;
	int64_t limit, found;
	int code = grey_list_init(&view, ctl, &selector, &limit);

	if (code != CTL_OK)
		return code;
	newest_init(&newest, limit == 0 ? GREY_LIMIT_MAX : (size_t)limit);
	found = gather(&view, &selector, &newest);
	if (found >= 0)
		show(&view, &newest, found);
	newest_fini(&newest);
	if (found < 0)
		return EX_UNAVAILABLE;
	return found == 0 && ctl->args.value[ARG_IDENTITY] != NULL ? CTL_NOT_FOUND : CTL_OK;
}
