/*
 * suppress_show.c - `suppress show`: one recipient, on all lists, with the evidence.
 */
#include "account_conf.h"
#include "io/accounts.h"
#include "io/store_admin_account.h"
#include "suppress.h"
#include "words.h"

#include <stdlib.h>

/* Names of accounts: a hundred thousand of them, and what is between. */
#define NAMES_BYTES ((size_t)64 * 1024 * 1024)

struct showing {
	struct suppress_view view;
	struct suppress_address address;
	struct arena arena;
	const char **names; /* sorted, some perhaps twice */
	size_t n, room;
	struct table table;
	size_t found;
};

static const struct table_column columns[] = {
    {.title = "", .key = "account"},
    {.title = "", .key = "reason"},
    {.title = "", .key = "in_force"},
    {.title = "", .key = "count"},
    {.title = "", .key = "first"},
    {.title = "", .key = "last"},
    {.title = "", .key = "until"},
    {.title = "", .key = "evidence"},
    {.title = "", .key = "soft"},
    {.title = "", .key = "soft_first"},
    {.title = "", .key = "soft_last"},
    {.title = "", .key = "steps"},
};

/* --- whose lists --- */

static void
name_put(struct showing *s, struct slice name)
{
	const char *text = arena_text(&s->arena, name);

	if (text != NULL && s->n < s->room)
		s->names[s->n++] = text;
}

static int
name_order(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Those with a list, and all accounts, which may have counted failures. */
static int
names_find(struct showing *s, struct err *err)
{
	const struct conf *conf = s->view.ctl->conf;
	struct store_event_accounts lists = {.v = NULL};
	struct slice *redis;
	size_t n_redis;

	if (store_admin_account_names(
		s->view.admin, &s->arena, ACCOUNTS_MAX, &redis, &n_redis, err) != 0 ||
	    store_admin_suppression_lists(s->view.admin, &lists, err) != 0)
		return -1;
	n_redis = n_redis < ACCOUNTS_MAX ? n_redis : ACCOUNTS_MAX;
	s->room = lists.n + n_redis + account_conf_count(conf) + 1;
	s->names = arena_alloc(&s->arena, s->room * sizeof(*s->names));
	for (size_t i = 0; s->names != NULL && i < lists.n; i++)
		name_put(s, slice_of(lists.v[i]));
	for (size_t i = 0; s->names != NULL && i < n_redis; i++)
		name_put(s, redis[i]);
	for (size_t i = 0; s->names != NULL && i < account_conf_count(conf); i++)
		name_put(s, slice_of(account_conf_at(conf, i)->name));
	store_event_accounts_free(&lists);
	if (s->arena.failed || s->names == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the names of all accounts");
	if (s->n > 1)
		qsort(s->names, s->n, sizeof(*s->names), name_order);
	return 0;
}

/* --- one list --- */

static void
when_add(struct buf *out, int64_t unix_s)
{
	if (unix_s == 0)
		buf_add_text(out, "unknown");
	else
		words_clock(out, unix_s);
}

/* "  bounced, 3 times, first …, last …; until …", and the evidence in a line of its own. */
static void
entry_tell(struct showing *s, const struct suppression *e)
{
	struct out *out = &s->view.ctl->out;
	char storage[400];
	struct buf text = BUF_OVER(storage);
	bool holds = suppression_holds(e, s->view.now_s);

	buf_add_format(&text, "%s, %lld %s; first ", suppression_reason_name(e->reason),
	    (long long)e->count, e->count == 1 ? "time" : "times");
	when_add(&text, e->first_s);
	buf_add_text(&text, ", last ");
	when_add(&text, e->last_s);
	buf_add_text(&text, e->until_s == 0 ? "; for good" : holds ? "; until " : "; ended ");
	if (e->until_s != 0)
		words_clock(&text, e->until_s);
	out_print(out, holds ? OUT_BAD : OUT_DIM, "  %s\n", buf_text(&text));
	if (e->evidence_n == 0)
		return;
	out_print(out, OUT_NORMAL, "  evidence: ");
	out_slice(out, OUT_NORMAL, slice_make(e->evidence, e->evidence_n));
	out_print(out, OUT_NORMAL, "\n");
}

static void
soft_tell(struct showing *s, const struct suppress_soft *soft)
{
	struct out *out = &s->view.ctl->out;
	char storage[200];
	struct buf text = BUF_OVER(storage);

	if (soft->count > 0) {
		buf_add_format(
		    &text, "soft failures that count: %lld, first ", (long long)soft->count);
		when_add(&text, soft->first_s);
		buf_add_text(&text, ", last ");
		when_add(&text, soft->last_s);
		out_print(out, OUT_NORMAL, "  %s\n", buf_text(&text));
	}
	if (soft->steps > 0)
		out_print(out, OUT_NORMAL, "  suppressed for a while so far: %lld %s\n",
		    (long long)soft->steps, soft->steps == 1 ? "time" : "times");
}

static void
tell(struct showing *s, const char *account, const struct suppression *e,
    const struct suppress_soft *soft)
{
	char storage[ACCOUNT_NAME_BYTES + 32];
	struct buf name = BUF_OVER(storage);

	suppress_account_words(&name, account);
	out_print(&s->view.ctl->out, OUT_BOLD, "%s%s\n", s->found > 0 ? "\n" : "", buf_text(&name));
	if (e->reason != SUPPRESSED_NOT)
		entry_tell(s, e);
	soft_tell(s, soft);
}

static void
number_or_none(struct table *t, int64_t number)
{
	if (number == 0)
		table_none(t);
	else
		table_number(t, OUT_NORMAL, number);
}

static void
row_print(struct showing *s, const char *account, const struct suppression *e,
    const struct suppress_soft *soft)
{
	struct table *t = &s->table;

	table_words(t, OUT_NORMAL, account);
	table_text_or_none(t, suppression_reason_name(e->reason));
	table_flag(t, suppression_holds(e, s->view.now_s));
	number_or_none(t, e->count);
	number_or_none(t, e->first_s);
	number_or_none(t, e->last_s);
	number_or_none(t, e->until_s);
	if (e->evidence_n > 0)
		table_text(t, OUT_NORMAL, slice_make(e->evidence, e->evidence_n));
	else
		table_none(t);
	table_number(t, OUT_NORMAL, soft->count);
	number_or_none(t, soft->first_s);
	number_or_none(t, soft->last_s);
	table_number(t, OUT_NORMAL, soft->steps);
	table_row(t);
}

static int
list_show(struct showing *s, const char *account, struct err *err)
{
	struct suppress_soft soft;
	struct suppression entry;

	if (store_admin_suppression_get(s->view.admin, account, &s->address.parsed, &entry, err) <
		0 ||
	    store_admin_suppression_soft(s->view.admin, account, s->address.key, &soft, err) != 0)
		return -1;
	if (entry.reason == SUPPRESSED_NOT && soft.count == 0 && soft.steps == 0)
		return 0;
	if (s->view.ctl->out.form == OUT_TERMINAL)
		tell(s, account, &entry, &soft);
	else
		row_print(s, account, &entry, &soft);
	s->found++;
	return 0;
}

static int
show(struct showing *s)
{
	struct err err;
	int status = names_find(s, &err);

	table_begin(&s->table, &s->view.ctl->out, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; status == 0 && i < s->n; i++) {
		if (i == 0 || strcmp(s->names[i], s->names[i - 1]) != 0)
			status = list_show(s, s->names[i], &err);
	}
	if (s->view.ctl->out.form != OUT_TERMINAL)
		table_end(&s->table);
	if (status != 0)
		return suppress_failed(&err);
	if (s->found == 0)
		return ctl_fail(CTL_NOT_FOUND, "%.*s is on no list, and no failure of his counts",
		    SLICE_ARG(s->address.key));
	return CTL_OK;
}

int
suppress_show_command(struct ctl *ctl)
{
	struct showing s = {.n = 0};
	int code = suppress_address_read(&s.address, ctl->operand[0]);

	if (code == CTL_OK)
		code = suppress_view_init(&s.view, ctl);
	if (code != CTL_OK)
		return code;
	arena_init(&s.arena, 65536, NAMES_BYTES);
	code = show(&s);
	arena_fini(&s.arena);
	return code;
}
