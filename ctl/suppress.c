/*
 * suppress.c - see suppress.h.
 */
#include "suppress.h"

#include "account_there.h"
#include "io/store_admin_server.h"
#include "words.h"

int
suppress_failed(const struct err *err)
{
	return ctl_fail(EX_UNAVAILABLE, "%s", err->text);
}

/* --- whose --- */

/* --account and --all, of which one at most. */
static int
account_read(struct suppress_view *view)
{
	const char *const *value = view->ctl->args.value;
	struct err err;

	view->account = value[ARG_ACCOUNT];
	if (value[ARG_ALL] != NULL && view->account != NULL)
		return ctl_fail(EX_USAGE, "--account or --all, not both");
	if (value[ARG_ALL] != NULL)
		view->account = STORE_ALL_ACCOUNTS;
	if (view->account == NULL || strcmp(view->account, STORE_ALL_ACCOUNTS) == 0 ||
	    account_name_check(slice_of(view->account), &err) == 0)
		return CTL_OK;
	return ctl_fail(EX_USAGE, "--account %.40s: %s", view->account, err.text);
}

int
suppress_view_init(struct suppress_view *view, struct ctl *ctl)
{
	int64_t ahead_ms;
	struct err err;
	int code;

	*view = (struct suppress_view){.ctl = ctl};
	code = account_read(view);
	if (code != CTL_OK)
		return code;
	view->admin = ctl_admin(ctl, &code);
	if (view->admin == NULL)
		return code;
	if (store_admin_time(view->admin, &view->now_s, &ahead_ms, &err) != 0)
		return suppress_failed(&err);
	if (view->account == NULL || strcmp(view->account, STORE_ALL_ACCOUNTS) == 0)
		return CTL_OK;
	return account_must_be_or_was(ctl, view->account, store_admin_suppression_lists);
}

int
suppress_view_init_one(struct suppress_view *view, struct ctl *ctl)
{
	const char *const *value = ctl->args.value;
	int code;

	if (value[ARG_ACCOUNT] == NULL && value[ARG_ALL] == NULL)
		return ctl_fail(
		    EX_USAGE, "whose list? --account NAME, or --all for the list of all accounts");
	code = suppress_view_init(view, ctl);
	if (code != CTL_OK || strcmp(view->account, STORE_ALL_ACCOUNTS) == 0)
		return code;
	/* Nobody should fill the list of an account that there is not. */
	return account_must_be(ctl, view->account);
}

void
suppress_account_words(struct buf *out, const char *account)
{
	if (strcmp(account, STORE_ALL_ACCOUNTS) == 0) {
		buf_add_text(out, "all accounts");
		return;
	}
	buf_add_text(out, "account ");
	buf_add_text(out, account);
}

/* --- who --- */

int
suppress_address_read(struct suppress_address *address, const char *text)
{
	struct buf key;

	address->parsed = address_parse(slice_of(text));
	if (address->parsed.null || address->parsed.malformed || address->parsed.text.n == 0)
		return ctl_fail(EX_USAGE, "\"%.100s\" is no address", text);
	buf_init(&key, address->storage, sizeof(address->storage));
	suppression_key(&address->parsed, &key);
	address->key = buf_slice(&key);
	return CTL_OK;
}

/* --- which entries --- */

enum suppression_reason
suppress_reason_parse(struct slice word)
{
	for (int i = SUPPRESSED_BOUNCED; i <= SUPPRESSED_MANUAL; i++) {
		enum suppression_reason reason = (enum suppression_reason)i;

		if (slice_eq_nocase(word, slice_of(suppression_reason_name(reason))))
			return reason;
	}
	return SUPPRESSED_NOT;
}

/* "bounced,manual" as bits; 0: a word is none. */
static unsigned
reasons_parse(struct slice list)
{
	unsigned reasons = 0;

	do {
		struct slice word = slice_head(list, slice_find(list, ','));
		enum suppression_reason reason = suppress_reason_parse(slice_trim(word));

		if (reason == SUPPRESSED_NOT)
			return 0;
		reasons |= 1U << reason;
		list = slice_from(list, word.n + 1);
	} while (list.n > 0);
	return reasons;
}

int
suppress_filter_read(const struct suppress_view *view, struct suppress_filter *filter_r)
{
	const char *const *value = view->ctl->args.value;

	*filter_r = (struct suppress_filter){.reasons = ~0U, .domain = slice_of(value[ARG_DOMAIN])};
	if (slice_starts(filter_r->domain, slice_of("@")))
		filter_r->domain = slice_from(filter_r->domain, 1);
	if (value[ARG_REASON] != NULL)
		filter_r->reasons = reasons_parse(slice_of(value[ARG_REASON]));
	if (filter_r->reasons == 0)
		return ctl_fail(EX_USAGE,
		    "--reason %.40s: write some of bounced,complained,unsubscribed,manual",
		    value[ARG_REASON]);
	if (value[ARG_SINCE] != NULL &&
	    words_time_parse(value[ARG_SINCE], view->now_s, &filter_r->since_s) != 0)
		return ctl_fail(
		    EX_USAGE, "--since %.40s: write " WORDS_TIME_FORMS, value[ARG_SINCE]);
	return CTL_OK;
}

/* example.com: that very one; .example.com: it and all below. */
static bool
domain_has(struct slice wanted, struct slice rcpt)
{
	struct slice domain = slice_from(rcpt, slice_find_last(rcpt, '@') + 1);

	if (wanted.n == 0 || slice_eq_nocase(domain, wanted))
		return true;
	if (wanted.p[0] != '.')
		return false;
	if (domain.n > wanted.n)
		domain = slice_from(domain, domain.n - wanted.n);
	else
		wanted = slice_from(wanted, 1);
	return slice_eq_nocase(domain, wanted);
}

static bool
filter_has(const struct suppress_filter *filter, const struct suppress_row *row)
{
	return (filter->reasons >> row->entry.reason & 1) != 0 &&
	       row->entry.last_s >= filter->since_s && domain_has(filter->domain, row->rcpt);
}

/* --- all of them --- */

struct walk {
	struct suppress_view *view;
	const struct suppress_filter *filter;
	suppress_row_do *row_do;
	void *arg;
};

/* 1 at the end of the list, 0 when that is enough, or -1. */
static int
list_walk(const struct walk *walk, const char *account, struct err *err)
{
	struct store_suppressions *it = store_admin_suppressions(walk->view->admin, account, err);
	struct suppress_row row = {.account = account};
	int status = it == NULL ? -1 : 1;
	bool more = true;

	while (status > 0 && more) {
		status = store_suppressions_next(it, &row.rcpt, &row.entry, err);
		if (status > 0 && filter_has(walk->filter, &row))
			more = walk->row_do(walk->arg, &row);
	}
	store_suppressions_free(it);
	return status < 0 ? -1 : more;
}

int
suppress_each(struct suppress_view *view, const struct suppress_filter *filter,
    suppress_row_do *row_do, void *arg)
{
	const struct walk walk = {view, filter, row_do, arg};
	struct store_event_accounts lists = {.v = NULL};
	struct err err;
	int status = 1;

	if (view->account != NULL)
		return list_walk(&walk, view->account, &err) < 0 ? suppress_failed(&err) : CTL_OK;
	if (store_admin_suppression_lists(view->admin, &lists, &err) != 0)
		return suppress_failed(&err);
	for (size_t i = 0; status > 0 && i < lists.n; i++)
		status = list_walk(&walk, lists.v[i], &err);
	store_event_accounts_free(&lists);
	return status < 0 ? suppress_failed(&err) : CTL_OK;
}

/* --- how they are shown --- */

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account"},
    {.title = "ADDRESS", .key = "address"},
    {.title = "REASON", .key = "reason"},
    {.title = "IN FORCE", .key = "in_force"},
    {.title = "COUNT", .key = "count", .right = true},
    {.title = "FIRST", .key = "first"},
    {.title = "LAST", .key = "last"},
    {.title = "UNTIL", .key = "until"},
    {.title = "EVIDENCE", .key = "evidence"},
};

void
suppress_table_begin(struct table *t, struct out *out)
{
	table_begin(t, out, columns, sizeof(columns) / sizeof(columns[0]));
}

static void
time_or_none(struct table *t, int64_t unix_s, int64_t now_s)
{
	if (unix_s == 0)
		table_none(t);
	else
		table_time(t, OUT_NORMAL, unix_s, now_s);
}

void
suppress_table_row(
    struct table *t, const struct suppress_view *view, const struct suppress_row *row)
{
	const struct suppression *e = &row->entry;
	bool holds = suppression_holds(e, view->now_s);

	table_text(t, OUT_NORMAL, slice_of(row->account));
	table_text(t, holds ? OUT_BOLD : OUT_DIM, row->rcpt);
	table_words(t, OUT_NORMAL, suppression_reason_name(e->reason));
	table_flag(t, holds);
	table_number(t, OUT_NORMAL, e->count);
	time_or_none(t, e->first_s, view->now_s);
	time_or_none(t, e->last_s, view->now_s);
	time_or_none(t, e->until_s, view->now_s);
	if (e->evidence_n > 0)
		table_text(t, OUT_DIM, slice_make(e->evidence, e->evidence_n));
	else
		table_none(t);
	table_row(t);
}
