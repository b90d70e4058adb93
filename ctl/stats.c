/*
 * stats.c - `gatepostctl stats`, `stats checks`, `stats outbound`: what was counted, hour by hour.
 */
#include "ctl.h"
#include "grey_conf.h"
#include "io/store_admin.h"
#include "io/store_admin_server.h"
#include "modules.h"
#include "settings.h"
#include "stats_table.h"
#include "words.h"

#define HOUR_S    3600
#define DAY_S     86400
#define HOURS_MAX INT64_C(2160) /* 90 days: Redis forgets them then */

/* Anybody may have written to the counters: beyond this, sums would overflow. */
#define COUNT_MAX INT64_C(1000000000000000)

struct report {
	struct ctl *ctl;
	struct store_admin *admin;
	enum stats_view view;
	int64_t pass_s;
	int64_t now_s;
	int64_t from_s;
	int64_t hours;
	int64_t most; /* recipients in one hour */
};

static int
hour_read(const struct report *r, int64_t i, struct period *p_r, struct err *err)
{
	*p_r = (struct period){.from_s = r->from_s + i * HOUR_S};
	if (store_admin_stat(r->admin, p_r->from_s, p_r->counts, err) != 0)
		return -1;
	for (size_t stat = 0; stat < STAT_COUNT; stat++) {
		int64_t n = p_r->counts[stat];

		p_r->counts[stat] = n < 0 ? 0 : n > COUNT_MAX ? COUNT_MAX : n;
	}
	/* the last first try of the hour may pass until then */
	if (p_r->from_s + HOUR_S + r->pass_s < r->now_s) {
		p_r->any_closed = true;
		p_r->returned = p_r->counts[STAT_GREY_RETURNED];
		p_r->closed = p_r->counts[STAT_GREY_NEW];
	}
	return 0;
}

static void
period_add(struct period *total, const struct period *p)
{
	for (size_t i = 0; i < STAT_COUNT; i++)
		total->counts[i] += p->counts[i];
	total->returned += p->returned;
	total->closed += p->closed;
	total->any_closed = total->any_closed || p->any_closed;
}

static int
total_read(struct report *r, struct period *total, struct err *err)
{
	*total = (struct period){.from_s = r->from_s};
	for (int64_t i = 0; i < r->hours; i++) {
		struct period p;

		if (hour_read(r, i, &p, err) != 0)
			return -1;
		period_add(total, &p);
		if (stats_looked_at(&p) > r->most)
			r->most = stats_looked_at(&p);
	}
	return 0;
}

static int
report_print(struct report *r)
{
	bool only_total = r->ctl->args.value[ARG_TOTAL] != NULL;
	struct stats_table table = {.view = r->view};
	struct period total, p;
	struct err err;
	int status = total_read(r, &total, &err);

	if (status != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	table.most = r->most;
	stats_table_begin(&table, &r->ctl->out, &total, only_total);
	for (int64_t i = 0; status == 0 && !only_total && i < r->hours; i++) {
		status = hour_read(r, i, &p, &err);
		if (status == 0)
			stats_table_row(&table, &p, false);
	}
	if (only_total || r->ctl->out.form == OUT_TERMINAL)
		stats_table_row(&table, &total, true);
	stats_table_end(&table);
	return status == 0 ? CTL_OK : ctl_fail(EX_UNAVAILABLE, "%s", err.text);
}

static int
day_parse(const char *text, int64_t now_s, int64_t *from_r)
{
	*from_r = now_s - now_s % DAY_S;
	if (strcmp(text, "today") == 0)
		return 0;
	*from_r -= DAY_S;
	return strcmp(text, "yesterday") == 0 ? 0 : words_day_parse(text, from_r);
}

/* Which hours are meant. CTL_OK, or EX_USAGE after a complaint. */
static int
hours_choose(struct report *r)
{
	const struct args *args = &r->ctl->args;
	int64_t this_hour = r->now_s - r->now_s % HOUR_S;
	struct err err;

	r->from_s = r->now_s - r->now_s % DAY_S;
	r->hours = (this_hour - r->from_s) / HOUR_S + 1;
	if (args->value[ARG_HOURS] != NULL) {
		if (args_number(args, ARG_HOURS, HOURS_MAX, &r->hours, &err) != 0)
			return ctl_fail(EX_USAGE, "%s", err.text);
		if (r->hours == 0)
			return ctl_fail(EX_USAGE, "--hours wants at least 1");
		r->from_s = this_hour - (r->hours - 1) * HOUR_S;
	}
	if (args->value[ARG_DAY] == NULL)
		return CTL_OK;
	if (args->value[ARG_HOURS] != NULL)
		return ctl_fail(EX_USAGE, "--day and --hours exclude each other");
	if (day_parse(args->value[ARG_DAY], r->now_s, &r->from_s) != 0)
		return ctl_fail(EX_USAGE, "--day %s: write it as 2026-11-21, today or yesterday",
		    args->value[ARG_DAY]);
	if (r->from_s > r->now_s)
		return ctl_fail(EX_USAGE, "--day %s: that day is to come", args->value[ARG_DAY]);
	r->hours = 24;
	if (r->from_s + DAY_S > r->now_s)
		r->hours = (this_hour - r->from_s) / HOUR_S + 1;
	return CTL_OK;
}

static int
stats_run(struct ctl *ctl, enum stats_view view)
{
	struct report r = {.ctl = ctl, .view = view};
	int64_t ahead_ms;
	struct err err;
	int code;

	r.admin = ctl_admin(ctl, &code);
	if (r.admin == NULL)
		return code;
	r.pass_s = ((const struct grey_conf *)settings_of(ctl->conf, &grey_section))->pass_s;
	if (store_admin_time(r.admin, &r.now_s, &ahead_ms, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	code = hours_choose(&r);
	return code != CTL_OK ? code : report_print(&r);
}

int
stats_command(struct ctl *ctl)
{
	return stats_run(ctl, STATS_OF_GREY);
}

int
stats_checks_command(struct ctl *ctl)
{
	return stats_run(ctl, STATS_OF_CHECKS);
}

int
stats_outbound_command(struct ctl *ctl)
{
	return stats_run(ctl, STATS_OF_OUTBOUND);
}
