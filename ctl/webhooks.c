/*
 * webhooks.c - `gatepostctl webhooks`: how each account's webhook is doing.
 */
#include "webhooks.h"

#include "io/store_admin_server.h"

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account"},
    {.title = "STATE", .key = "state"},
    {.title = "UNREAD", .key = "unread", .right = true},
    {.title = "WAITING", .key = "waiting", .right = true},
    {.title = "DELIVERED", .key = "delivered", .right = true},
    {.title = "FAILED", .key = "failed_tries", .right = true},
    {.title = "DEAD", .key = "dead", .right = true},
    {.title = "LOST", .key = "lost", .right = true},
    {.title = "LAST", .key = "delivered_at"},
    {.title = "ERROR", .key = "error_at"},
    {.title = "WHY", .key = "error"},
    {.title = "URL", .key = "url"},
};

bool
webhooks_view_open(struct webhooks_view *view, struct ctl *ctl, int *code_r)
{
	int64_t ahead_ms;
	struct err err;

	*view = (struct webhooks_view){.ctl = ctl, .account = ctl->args.value[ARG_ACCOUNT]};
	view->admin = ctl_admin(ctl, code_r);
	if (view->admin == NULL)
		return false;
	if (store_admin_time(view->admin, &view->now_s, &ahead_ms, &err) != 0 ||
	    senders_open(&view->senders, ctl->conf, &err) != 0) {
		*code_r = ctl_fail(EX_UNAVAILABLE, "%s", err.text);
		return false;
	}
	if (view->account == NULL || account_book_find(view->senders.book, view->account) != NULL)
		return true;
	senders_close(&view->senders);
	*code_r = ctl_fail(CTL_NOT_FOUND, "there is no account %.60s", view->account);
	return false;
}

void
webhooks_view_close(struct webhooks_view *view)
{
	senders_close(&view->senders);
}

int
webhooks_each(struct webhooks_view *view, webhooks_account_do *do_it, void *arg)
{
	const struct account_book *book = view->senders.book;
	int code = CTL_OK;

	if (view->account != NULL)
		return do_it(arg, view, account_book_find(book, view->account));
	for (size_t i = 0; i < book->n && code == CTL_OK; i++)
		code = do_it(arg, view, book->v[i]);
	return code;
}

/* --- the table --- */

static const char *
state_word(const struct account *account, const struct store_webhook_state *state)
{
	if (account->webhook[0] == '\0')
		return "none";
	if (!state->seen)
		return "new"; /* no consumer has looked at it */
	return state->error_at_s > state->delivered_at_s ? "failing" : "ok";
}

static void
time_cell(struct table *t, int64_t unix_s, int64_t now_s)
{
	if (unix_s == 0)
		table_none(t);
	else
		table_time(t, OUT_NORMAL, unix_s, now_s);
}

static void
row_print(struct table *t, const struct webhooks_view *view, const struct account *account,
    const struct store_webhook_state *state)
{
	const char *word = state_word(account, state);

	table_text(t, OUT_BOLD, slice_of(account->name));
	table_words(t, strcmp(word, "failing") == 0 ? OUT_BAD : OUT_NORMAL, word);
	if (state->unread < 0)
		table_none(t);
	else
		table_number(t, OUT_NORMAL, state->unread);
	table_number(t, OUT_NORMAL, state->waiting);
	table_number(t, OUT_NORMAL, state->delivered);
	table_number(t, OUT_NORMAL, state->failed);
	table_number(t, state->dead > 0 ? OUT_WARNING : OUT_NORMAL, state->dead);
	table_number(t, state->lost > 0 ? OUT_WARNING : OUT_NORMAL, state->lost);
	time_cell(t, state->delivered_at_s, view->now_s);
	time_cell(t, state->error_at_s, view->now_s);
	table_text_or_none(t, state->error);
	table_text_or_none(t, account->webhook);
	table_row(t);
}

static int
account_print(void *arg, struct webhooks_view *view, const struct account *account)
{
	struct store_webhook_state state;
	struct err err;

	if (account->webhook[0] == '\0' && view->account == NULL)
		return CTL_OK;
	if (store_admin_webhook_state(view->admin, account->name, &state, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	row_print(arg, view, account, &state);
	return CTL_OK;
}

int
webhooks_command(struct ctl *ctl)
{
	struct webhooks_view view;
	struct table table;
	int code;

	if (!webhooks_view_open(&view, ctl, &code))
		return code;
	table_begin(&table, &ctl->out, columns, sizeof(columns) / sizeof(*columns));
	code = webhooks_each(&view, account_print, &table);
	table_end(&table);
	if (code == CTL_OK && table.rows == 0)
		code = ctl_fail(CTL_NOT_FOUND, "no account has a webhook");
	webhooks_view_close(&view);
	return code;
}
