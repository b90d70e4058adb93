/*
 * webhooks_dead.c - `gatepostctl webhooks dead`, `retry`, `drop`: what could not be delivered.
 */
#include "webhooks.h"

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account"},
    {.title = "EVENT", .key = "event"},
    {.title = "TYPE", .key = "type"},
    {.title = "MSG", .key = "msg"},
    {.title = "TRIES", .key = "tries", .right = true},
    {.title = "SINCE", .key = "since"},
    {.title = "WHY", .key = "reason"},
};

typedef int change_one(
    struct store_admin *admin, const char *account, const char *name, struct err *err);

struct reading {
	struct webhooks_view *view;
	const char *account;
	struct table *table; /* NULL: nothing is shown */
	change_one *change;  /* NULL: nothing is changed */
	int64_t found, changed;
};

static bool
is_named(const struct ctl *ctl, const struct store_webhook_dead *dead)
{
	for (int i = 0; i < ctl->operands; i++) {
		if (strcmp(ctl->operand[i], dead->entry) == 0)
			return true;
	}
	return ctl->operands == 0;
}

static void
row_print(const struct reading *r, const struct store_webhook_dead *dead)
{
	struct table *t = r->table;

	table_text(t, OUT_NORMAL, slice_of(r->account));
	table_text(t, OUT_NORMAL, slice_of(dead->entry));
	table_text_or_none(t, dead->type);
	table_text_or_none(t, dead->msg);
	table_number(t, OUT_NORMAL, dead->tries);
	table_time(t, OUT_NORMAL, dead->time_s, r->view->now_s);
	table_text_or_none(t, dead->reason);
	table_row(t);
}

static int
dead_do(void *arg, const struct store_webhook_dead *dead, struct err *err)
{
	struct reading *r = arg;
	int status = 1;

	if (!is_named(r->view->ctl, dead))
		return 0;
	r->found++;
	if (r->table != NULL)
		row_print(r, dead);
	if (r->change != NULL)
		status = r->change(r->view->admin, r->account, dead->name, err);
	r->changed += status > 0;
	return status < 0 ? -1 : 0;
}

static int
account_do(void *arg, struct webhooks_view *view, const struct account *account)
{
	struct reading *r = arg;
	struct err err;

	r->account = account->name;
	if (store_admin_webhook_dead(view->admin, account->name, dead_do, r, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	return CTL_OK;
}

int
webhooks_dead_command(struct ctl *ctl)
{
	struct webhooks_view view;
	struct table table;
	struct reading r = {.view = &view, .table = &table};
	int code;

	if (!webhooks_view_open(&view, ctl, &code))
		return code;
	table_begin(&table, &ctl->out, columns, sizeof(columns) / sizeof(*columns));
	code = webhooks_each(&view, account_do, &r);
	table_end(&table);
	webhooks_view_close(&view);
	return code;
}

static int
change(struct ctl *ctl, change_one *change_it, const char *done)
{
	struct webhooks_view view;
	struct reading r = {.view = &view, .change = change_it};
	int code;

	if (ctl->args.value[ARG_ACCOUNT] == NULL && ctl->args.value[ARG_ALL] == NULL)
		return ctl_fail(EX_USAGE, "say whose: --account NAME, or --all");
	if (!webhooks_view_open(&view, ctl, &code))
		return code;
	code = webhooks_each(&view, account_do, &r);
	webhooks_view_close(&view);
	if (code != CTL_OK)
		return code;
	if (r.found == 0)
		return ctl_fail(CTL_NOT_FOUND, "no such event is in the dead list");
	(void)ctl_fail(CTL_OK, "%lld of %lld %s", (long long)r.changed, (long long)r.found, done);
	return r.changed > 0 ? CTL_OK : CTL_NOT_FOUND;
}

int
webhooks_retry_command(struct ctl *ctl)
{
	return change(ctl, store_admin_webhook_retry,
	    "events are due again; others are kept no more, see `webhooks drop`");
}

int
webhooks_drop_command(struct ctl *ctl)
{
	if (ctl->operands == 0 && ctl->args.value[ARG_YES] == NULL)
		return ctl_fail(EX_USAGE, "that drops all of them: name events, or add --yes");
	return change(ctl, store_admin_webhook_drop, "events are dropped");
}
