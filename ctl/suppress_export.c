/*
 * suppress_export.c - `suppress export`: lists as CSV, for suppress import. In the memory of one page
 * of Redis's answers, whatever their length; so in no order.
 */
#include "suppress.h"
#include "suppress_format.h"

#include <string.h>

/* A person who looks at it is shown hostile bytes as \xNN; a file has them as they are. */
static void
cell_put(struct out *out, struct slice cell, char behind)
{
	if (out->form == OUT_TERMINAL)
		out_slice(out, OUT_NORMAL, cell);
	else
		csv_put(out->to, cell);
	(void)putc(behind, out->to);
}

static void
time_put(struct out *out, int64_t unix_s)
{
	char storage[40];
	struct buf text = BUF_OVER(storage);

	suppress_time_format(&text, unix_s);
	cell_put(out, buf_slice(&text), ',');
}

static bool
row_put(void *arg, const struct suppress_row *row)
{
	struct out *out = &((struct suppress_view *)arg)->ctl->out;
	const struct suppression *e = &row->entry;
	char storage[24];
	struct buf count = BUF_OVER(storage);

	buf_add_i64(&count, e->count);
	cell_put(out, slice_of(row->account), ',');
	cell_put(out, row->rcpt, ',');
	cell_put(out, slice_of(suppression_reason_name(e->reason)), ',');
	cell_put(out, buf_slice(&count), ',');
	time_put(out, e->first_s);
	time_put(out, e->last_s);
	time_put(out, e->until_s);
	cell_put(out, slice_make(e->evidence, e->evidence_n), '\n');
	return !out_is_dead(out);
}

int
suppress_export_command(struct ctl *ctl)
{
	struct suppress_filter filter;
	struct suppress_view view;
	int code = suppress_view_init(&view, ctl);

	if (code == CTL_OK)
		code = suppress_filter_read(&view, &filter);
	if (code != CTL_OK)
		return code;
	if (ctl->out.form == OUT_JSON)
		return ctl_fail(EX_USAGE, "suppress export writes CSV; for JSON: suppress list");
	(void)fputs(SUPPRESS_HEADER "\n", ctl->out.to);
	return suppress_each(&view, &filter, row_put, &view);
}
