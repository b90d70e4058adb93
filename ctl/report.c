/*
 * report.c - `gatepostctl report`: what became of the accounts' mail.
 */
#include "ctl.h"
#include "io/entropy.h"
#include "io/store_admin_events.h"
#include "io/store_admin_report.h"
#include "io/store_admin_server.h"
#include "report_print.h"
#include "words.h"

#include <stdlib.h>

#define LIMIT_ON_TERMINAL 50
#define LIMIT_MAX         1000000

/* An event is kept when its message ends, or later; and clocks differ. */
#define KEPT_BEFORE_S 300

/* No account keeps anything longer. */
#define RETENTION_MAX_S (INT64_C(3650) * 86400)

struct asking {
	struct ctl *ctl;
	struct store_admin *admin;
	struct report_view view;
	int64_t now_s;
	int64_t since_s, until_s; /* up to it, but not that second */
	uint64_t secret[2];
};

/* --- one account --- */

typedef int event_visit(struct report *report, const struct report_event *event, struct err *err);

static int
learn(struct report *report, const struct report_event *event, struct err *err)
{
	return report_learn(report, event, err);
}

/* All events that were kept from that time on. */
static int
events_each(const struct asking *a, const char *account, struct report *report, event_visit *visit,
    struct err *err)
{
	bool counts = visit != learn;
	int64_t from_ms = counts && a->since_s > KEPT_BEFORE_S ? (a->since_s - KEPT_BEFORE_S) * 1000
							       : 0;
	struct store_report *events = store_admin_report(a->admin, account, from_ms, err);
	struct report_event event;
	int status = events == NULL ? -1 : 1;

	while (status > 0) {
		status = store_report_next(events, &event, err);
		if (status <= 0 ||
		    (counts && (event.time_s < a->since_s || event.time_s >= a->until_s)))
			continue;
		if (visit(report, &event, err) != 0)
			status = -1;
	}
	store_report_free(events);
	return status;
}

/* Of which there may be counts. */
static struct store_report_days
days_of(const struct asking *a)
{
	struct store_report_days days = {a->since_s, a->until_s - 1};

	if (days.from_s < a->now_s - RETENTION_MAX_S)
		days.from_s = a->now_s - RETENTION_MAX_S;
	if (days.until_s > a->now_s)
		days.until_s = a->now_s;
	return days;
}

static int
account_read(const struct asking *a, const char *account, struct report *report, struct err *err)
{
	struct store_report_days days = days_of(a);

	if (report_must_learn(a->view.by) && events_each(a, account, report, learn, err) != 0)
		return -1;
	if (events_each(a, account, report, report_add, err) != 0 ||
	    store_admin_report_counted(a->admin, account, &days, report, err) < 0)
		return -1;
	report_sort(report);
	return 0;
}

/* NULL with the reason. */
static struct report *
account_report(const struct asking *a, const char *account, struct err *err)
{
	struct report *report = report_new(a->view.by, a->secret, err);

	if (report == NULL || account_read(a, account, report, err) == 0)
		return report;
	report_free(report);
	return NULL;
}

static int
report_fail(const char *account, const struct err *err)
{
	if (err->code == ERR_LIMIT)
		return ctl_fail(EX_USAGE,
		    "%s: opened, clicked and sent are %s; ask about a shorter time, with --since "
		    "and --until",
		    account, err->text);
	return ctl_fail(EX_UNAVAILABLE, "%s: %s", account, err->text);
}

/* --- all that are asked about --- */

static int
reports_make(
    const struct asking *a, const struct store_event_accounts *accounts, struct report_done *done)
{
	struct err err;

	for (size_t i = 0; i < accounts->n; i++) {
		done[i] = (struct report_done){
		    accounts->v[i], account_report(a, accounts->v[i], &err)};
		if (done[i].report == NULL)
			return report_fail(accounts->v[i], &err);
	}
	return CTL_OK;
}

static int
reports_print(struct asking *a, const struct store_event_accounts *accounts)
{
	struct report_done *done = calloc(accounts->n + 1, sizeof(*done));
	int code;

	if (done == NULL)
		return ctl_fail(EX_UNAVAILABLE, "no memory");
	code = reports_make(a, accounts, done);
	if (code == CTL_OK)
		report_print(&a->view, done, accounts->n);
	for (size_t i = 0; i < accounts->n; i++)
		report_free(done[i].report);
	free(done);
	return code;
}

static int
all_print(struct asking *a)
{
	struct store_event_accounts accounts = {.n = 0};
	struct err err;
	int code;

	if (store_admin_report_accounts(a->admin, &accounts, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	code = reports_print(a, &accounts);
	store_event_accounts_free(&accounts);
	return code;
}

static int
one_print(struct asking *a, const char *name)
{
	struct store_report_days days = days_of(a);
	char names[1][ACCOUNT_NAME_BYTES + 1] = {""};
	struct store_event_accounts accounts = {names, 1};
	struct buf copy = BUF_OVER(names[0]);
	struct err err;
	int any;

	if (account_name_check(slice_of(name), &err) != 0)
		return ctl_fail(EX_USAGE, "--account %.40s: %s", name, err.text);
	buf_add_text(&copy, name);
	(void)buf_text(&copy);
	any = store_admin_report_any(a->admin, name, &days, &err);
	if (any < 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	if (any == 0)
		(void)ctl_fail(0, "there are no events of account %s", name);
	return any == 0 ? CTL_NOT_FOUND : reports_print(a, &accounts);
}

/* --- what is wanted --- */

static int
by_parse(const char *text, enum report_by *by_r)
{
	static const char *const words[] = {[REPORT_BY_NOTHING] = "account",
	    [REPORT_BY_DAY] = "day",
	    [REPORT_BY_TAG] = "tag",
	    [REPORT_BY_LINK] = "link",
	    [REPORT_BY_DOMAIN] = "domain",
	    [REPORT_BY_CLASS] = "class"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (strcmp(text, words[i]) == 0) {
			*by_r = (enum report_by)i;
			return 0;
		}
	}
	return -1;
}

/* What can be said without Redis. */
static int
options_read(struct asking *a)
{
	const char *const *value = a->ctl->args.value;
	int64_t limit = a->ctl->out.form == OUT_TERMINAL && value[ARG_CSV] == NULL
			    ? LIMIT_ON_TERMINAL
			    : 0;
	struct err err;

	if (value[ARG_BY] != NULL && by_parse(value[ARG_BY], &a->view.by) != 0)
		return ctl_fail(EX_USAGE,
		    "--by %.40s: write account, class, day, domain, link or tag", value[ARG_BY]);
	a->view.all = value[ARG_ALL] != NULL ||
		      (value[ARG_BY] != NULL && a->view.by == REPORT_BY_NOTHING);
	if ((value[ARG_ACCOUNT] != NULL) == a->view.all)
		return ctl_fail(EX_USAGE, "report wants either --account NAME, or --all");
	if (value[ARG_CSV] != NULL && value[ARG_JSON] != NULL)
		return ctl_fail(EX_USAGE, "--csv and --json exclude each other");
	if (args_number(&a->ctl->args, ARG_LIMIT, LIMIT_MAX, &limit, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	a->view.limit = (size_t)limit;
	a->view.csv = value[ARG_CSV] != NULL;
	return CTL_OK;
}

static int
times_read(struct asking *a)
{
	const char *since = a->ctl->args.value[ARG_SINCE], *until = a->ctl->args.value[ARG_UNTIL];

	a->until_s = INT64_MAX;
	if (since != NULL && words_time_parse(since, a->now_s, &a->since_s) != 0)
		return ctl_fail(EX_USAGE, "--since %.40s: write " WORDS_TIME_FORMS, since);
	if (until != NULL && words_time_parse(until, a->now_s, &a->until_s) != 0)
		return ctl_fail(EX_USAGE, "--until %.40s: write " WORDS_TIME_FORMS, until);
	if (a->until_s <= a->since_s)
		return ctl_fail(EX_USAGE, "--until is not behind --since");
	return CTL_OK;
}

int
report_command(struct ctl *ctl)
{
	struct asking a = {.ctl = ctl, .view = {.out = &ctl->out}};
	int64_t ahead_ms;
	struct err err;
	int code = options_read(&a);

	if (code != CTL_OK)
		return code;
	a.admin = ctl_admin(ctl, &code);
	if (a.admin == NULL)
		return code;
	if (store_admin_time(a.admin, &a.now_s, &ahead_ms, &err) != 0 ||
	    entropy_read(a.secret, sizeof(a.secret), &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	code = times_read(&a);
	if (code != CTL_OK)
		return code;
	return a.view.all ? all_print(&a) : one_print(&a, ctl->args.value[ARG_ACCOUNT]);
}
