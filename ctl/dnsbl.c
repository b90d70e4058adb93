/*
 * dnsbl.c - `dnsbl`, `dnsbl off`, `dnsbl on`: how the DNS lists are doing, and their switch.
 */
#include "ctl.h"

#include "dnsbl_conf.h"
#include "grey.h"
#include "io/store_admin_server.h"
#include "io/store_admin_zone.h"
#include "settings.h"
#include "table.h"

#define TABLE_BYTES ((size_t)256 * 1024)

/* Nobody wrote for so long: there is no gatepostd that asks it. */
#define STALE_S 180

static const struct table_column columns[] = {
    {.title = "ZONE", .key = "zone"},
    {.title = "STATE", .key = "state"},
    {.title = "REASON", .key = "reason"},
    {.title = "SINCE", .key = "since"},
    {.title = "ASKED", .key = "asked", .right = true},
    {.title = "LISTED", .key = "listed", .right = true},
    {.title = "DECIDED", .key = "decided", .right = true},
    {.title = "ERRORS", .key = "errors", .right = true},
    {.title = "TIMEOUTS", .key = "timeouts", .right = true},
    {.title = "MS", .key = "ms", .right = true},
    {.title = "LAST ERROR", .key = "error"},
    {.title = "ITS TIME", .key = "error_at"},
    {.title = "HOST", .key = "host", .hidden = true},
    {.title = "SEEN", .key = "seen", .hidden = true},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* The zones of the configuration, and Redis. */
struct view {
	struct ctl *ctl;
	struct arena arena;
	const struct dnsbl_table *table;
	struct store_admin *admin;
	int64_t now_s;
};

static void
view_fini(struct view *view)
{
	arena_fini(&view->arena);
}

/* CTL_OK, or the exit code after a complaint; view_fini() in both cases. */
static int
view_init(struct view *view, struct ctl *ctl)
{
	const struct conf *conf = ctl_conf(ctl);
	const void *prepared;
	int64_t ahead_ms;
	struct err err;
	int code;

	*view = (struct view){.ctl = ctl};
	arena_init(&view->arena, 16384, TABLE_BYTES);
	if (conf == NULL)
		return EX_CONFIG;
	if (dnsbl_prepare(settings_of(conf, &dnsbl_section), &view->arena, &prepared, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	view->table = prepared;
	view->admin = ctl_admin(ctl, &code);
	if (view->admin == NULL)
		return code;
	if (store_admin_time(view->admin, &view->now_s, &ahead_ms, &err) != 0)
		return grey_failed(&err);
	return CTL_OK;
}

/* What the operator should see: his switch, before what a host wrote some seconds ago. */
static const char *
state_of(const struct view *view, const struct redis_zone_row *row, bool found, bool off)
{
	if (off)
		return "off";
	if (!found || row->state[0] == '\0' || view->now_s - row->seen_s > STALE_S)
		return "unknown"; /* no gatepostd tells */
	return strcmp(row->state, "off") == 0 ? "untested" : row->state;
}

static enum out_style
style_of(const char *state)
{
	if (strcmp(state, "ok") == 0)
		return OUT_GOOD;
	return slice_starts(slice_of(state), slice_of("susp")) ? OUT_BAD : OUT_WARNING;
}

static void
time_or_none(struct table *t, const struct view *view, int64_t unix_s)
{
	if (unix_s == 0)
		table_none(t);
	else
		table_time(t, OUT_NORMAL, unix_s, view->now_s);
}

static void
row_show(struct table *t, const struct view *view, const char *name, const char *state,
    const struct redis_zone_row *row)
{
	bool same = strcmp(state, row->state) == 0;

	table_words(t, OUT_NORMAL, name);
	table_words(t, style_of(state), state);
	table_text_or_none(t, same ? row->reason : "");
	time_or_none(t, view, same ? row->since_s : 0);
	table_number(t, OUT_NORMAL, row->counts.asked);
	table_number(t, OUT_NORMAL, row->counts.listed);
	table_number(t, OUT_NORMAL, row->counts.decided);
	table_number(t, OUT_NORMAL, row->counts.errors);
	table_number(t, OUT_NORMAL, row->counts.timeouts);
	if (row->ms >= 0)
		table_number(t, OUT_NORMAL, row->ms);
	else
		table_none(t);
	table_text_or_none(t, row->error);
	time_or_none(t, view, row->error_s);
	table_text_or_none(t, row->host);
	time_or_none(t, view, row->seen_s);
	table_row(t);
}

static int
zone_show(struct table *t, const struct view *view, const char *name)
{
	struct redis_zone_row row;
	struct err err;
	int off = store_admin_list_has(view->admin, STORE_DNSBL_OFF, slice_of(name), &err);
	int found = off < 0 ? -1 : store_admin_zone(view->admin, slice_of(name), &row, &err);

	if (found < 0)
		return grey_failed(&err);
	row_show(t, view, name, state_of(view, &row, found > 0, off > 0), &row);
	return CTL_OK;
}

int
dnsbl_list_command(struct ctl *ctl)
{
	struct view view;
	struct table table;
	int code = view_init(&view, ctl);

	if (code == CTL_OK) {
		table_begin(&table, &ctl->out, columns, COLUMNS);
		for (size_t i = 0; code == CTL_OK && i < view.table->n; i++)
			code = zone_show(&table, &view, view.table->zones[i].name);
		table_end(&table);
		if (view.table->n == 0 && ctl->out.form == OUT_TERMINAL)
			out_print(&ctl->out, OUT_DIM,
			    "no DNS list is configured; `gatepostctl dnsbl known` tells of some\n");
	}
	view_fini(&view);
	return code;
}

/* A zone that is not configured can be switched on again, and off only with a complaint. */
static int
zone_switch(struct view *view, const char *name, bool on)
{
	size_t i = dnsbl_table_find(view->table, slice_of(name));
	struct slice zone = slice_of(i < view->table->n ? view->table->zones[i].name : name);
	char storage[2 * DNSBL_NAME_BYTES];
	struct buf text = BUF_OVER(storage);
	struct err err;
	int changed;

	if (i == view->table->n && !on)
		return ctl_fail(CTL_NOT_FOUND,
		    "%s is no zone of %s; `gatepostctl dnsbl` tells their names", name,
		    view->ctl->conf_path);
	changed = on ? store_admin_list_remove(view->admin, STORE_DNSBL_OFF, zone, &err)
		     : store_admin_list_add(view->admin, STORE_DNSBL_OFF, zone, &err);
	if (changed < 0)
		return grey_failed(&err);
	if (on && changed == 0)
		return ctl_fail(CTL_NOT_FOUND, "%.*s is not switched off", SLICE_ARG(zone));
	buf_add(&text, zone);
	if (on)
		buf_add_text(&text, " is on again, as soon as its canaries are right");
	else
		buf_add_text(&text, changed > 0
					? " is off; every gatepostd sees it within two seconds"
					: " was off already");
	grey_report(view->ctl, on ? "on" : "off", changed, buf_text(&text));
	return CTL_OK;
}

static int
switch_command(struct ctl *ctl, bool on)
{
	struct view view;
	int code = view_init(&view, ctl);

	if (code == CTL_OK)
		code = zone_switch(&view, ctl->operand[0], on);
	view_fini(&view);
	return code;
}

int
dnsbl_off_command(struct ctl *ctl)
{
	return switch_command(ctl, false);
}

int
dnsbl_on_command(struct ctl *ctl)
{
	return switch_command(ctl, true);
}
