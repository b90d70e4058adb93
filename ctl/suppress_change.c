/*
 * suppress_change.c - `suppress add`, `suppress remove`: one recipient.
 */
#include "suppress.h"
#include "words.h"

/* How often a write is tried again, when each time somebody else is faster. */
#define TRIES 100

static const struct table_column columns[] = {
    {.title = "", .key = "state"},
    {.title = "", .key = "account"},
    {.title = "", .key = "address"},
    {.title = "", .key = "reason"},
    {.title = "", .key = "until"},
};

struct change {
	struct suppress_view view;
	struct suppress_address address;
	struct suppression entry;
};

/* "ann@example.com was added to the list of account shop: by the operator on …" */
static void
report(struct change *c, const char *state, const char *sentence, const struct suppression *entry)
{
	struct out *out = &c->view.ctl->out;
	char storage[400];
	struct buf text = BUF_OVER(storage);
	struct table t;

	if (out->form == OUT_TERMINAL) {
		buf_add_text(&text, sentence);
		suppress_account_words(&text, c->view.account);
		if (entry != NULL) {
			buf_add_text(&text, ": ");
			suppression_words(entry, &text);
		}
		out_slice(out, OUT_NORMAL, c->address.key);
		out_print(out, OUT_NORMAL, "%s\n", buf_text(&text));
		return;
	}
	table_begin(&t, out, columns, sizeof(columns) / sizeof(*columns));
	table_words(&t, OUT_NORMAL, state);
	table_words(&t, OUT_NORMAL, c->view.account);
	table_text(&t, OUT_NORMAL, c->address.key);
	table_text_or_none(&t, entry == NULL ? "" : suppression_reason_name(entry->reason));
	if (entry == NULL || entry->until_s == 0)
		table_none(&t);
	else
		table_number(&t, OUT_NORMAL, entry->until_s);
	table_row(&t);
	table_end(&t);
}

/* --- add --- */

/* "+30d", or a time as --since has it. */
static int
until_parse(const char *text, int64_t now_s, int64_t *until_r)
{
	char back[40] = "-";
	struct buf ago = {back, 1, sizeof(back), false};
	int64_t then_s;

	if (text[0] != '+')
		return words_time_parse(text, now_s, until_r);
	buf_add_text(&ago, text + 1);
	if (ago.over || words_time_parse(buf_text(&ago), now_s, &then_s) != 0)
		return -1;
	*until_r = now_s + (now_s - then_s);
	return 0;
}

static int
note_take(struct suppression *entry, const char *note)
{
	size_t n = note == NULL ? 0 : strlen(note);

	for (size_t i = 0; i < n; i++) {
		if (note[i] < ' ' || note[i] > '~')
			return ctl_fail(EX_USAGE, "--note: only ASCII, in one line");
	}
	if (n > sizeof(entry->evidence))
		return ctl_fail(EX_USAGE, "--note: %zu bytes at most", sizeof(entry->evidence));
	if (n > 0)
		memcpy(entry->evidence, note, n);
	entry->evidence_n = n;
	return CTL_OK;
}

static int
entry_make(struct change *c)
{
	const char *const *value = c->view.ctl->args.value;
	int64_t now_s = c->view.now_s;

	c->entry = (struct suppression){
	    .reason = SUPPRESSED_MANUAL, .count = 1, .first_s = now_s, .last_s = now_s};
	if (value[ARG_REASON] != NULL)
		c->entry.reason = suppress_reason_parse(slice_of(value[ARG_REASON]));
	if (c->entry.reason == SUPPRESSED_NOT)
		return ctl_fail(EX_USAGE,
		    "--reason %.40s: write bounced, complained, unsubscribed or manual",
		    value[ARG_REASON]);
	if (value[ARG_UNTIL] != NULL &&
	    (until_parse(value[ARG_UNTIL], now_s, &c->entry.until_s) != 0 ||
		c->entry.until_s <= now_s))
		return ctl_fail(EX_USAGE,
		    "--until %.40s: write a time to come: +30d, 2026-12-24, 2026-12-24T14:30",
		    value[ARG_UNTIL]);
	return note_take(&c->entry, value[ARG_NOTE]);
}

/* 1: written, 0: what was there stands, -1 */
static int
entry_write(struct change *c, struct suppression *there_r, struct err *err)
{
	const struct store_suppression row = {c->address.key, &c->entry};
	const char *account = c->view.account;

	for (int i = 0; i < TRIES; i++) {
		bool gives_way;
		int status;

		if (store_admin_suppressions_watch(
			c->view.admin, account, &row.rcpt, 1, there_r, err) != 0)
			return -1;
		gives_way = suppress_gives_way(there_r, &c->entry, c->view.now_s);
		status = store_admin_suppressions_set(
		    c->view.admin, account, &row, gives_way ? 1 : 0, err);
		if (status != 0)
			return status < 0 ? -1 : gives_way;
	}
	return err_set(err, ERR_TIMEOUT, "others change that list again and again; try later");
}

/* A name without domain may be on a list, of mail to this host; typed by hand it is a slip of the
 * pen. */
static int
address_to_add_read(struct suppress_address *address, const char *text)
{
	int code = suppress_address_read(address, text);

	if (code == CTL_OK && address->parsed.domain.n == 0)
		return ctl_fail(EX_USAGE, "\"%.100s\" is no address: write ann@example.com", text);
	return code;
}

int
suppress_add_command(struct ctl *ctl)
{
	struct change c = {.view = {.ctl = ctl}};
	struct suppression there;
	struct err err;
	int status, code = address_to_add_read(&c.address, ctl->operand[0]);

	if (code == CTL_OK)
		code = suppress_view_init_one(&c.view, ctl);
	if (code == CTL_OK)
		code = entry_make(&c);
	if (code != CTL_OK)
		return code;
	status = entry_write(&c, &there, &err);
	if (status < 0)
		return suppress_failed(&err);
	if (status == 0)
		report(&c, "stands", " stays on the list of ", &there);
	else if (suppression_holds(&there, c.view.now_s))
		report(&c, "changed", " was changed on the list of ", &c.entry);
	else
		report(&c, "added", " was added to the list of ", &c.entry);
	return CTL_OK;
}

/* --- remove --- */

int
suppress_remove_command(struct ctl *ctl)
{
	struct change c = {.view = {.ctl = ctl}};
	struct err err;
	int status, code = suppress_address_read(&c.address, ctl->operand[0]);

	if (code == CTL_OK && ctl->args.value[ARG_ACCOUNT] == NULL &&
	    ctl->args.value[ARG_ALL] == NULL)
		code = ctl_fail(EX_USAGE, "off whose list? --account NAME, or --all for the list "
					  "of all accounts; `suppress show` says who has him");
	if (code == CTL_OK)
		code = suppress_view_init(&c.view, ctl);
	if (code != CTL_OK)
		return code;
	status = store_admin_suppression_remove(c.view.admin, c.view.account, c.address.key, &err);
	if (status < 0)
		return suppress_failed(&err);
	if (status == 0)
		return ctl_fail(CTL_NOT_FOUND,
		    "%.*s is not on that list; `suppress show` says who "
		    "has him",
		    SLICE_ARG(c.address.key));
	report(&c, "removed", " was taken off the list of ", NULL);
	return CTL_OK;
}
