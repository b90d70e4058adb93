/*
 * consent.c - `gatepostctl consent …`: how much recipients agreed to have kept.
 */
#include "ctl.h"
#include "io/store_admin_consent.h"
#include "io/store_admin_server.h"
#include "table.h"

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account"},
    {.title = "ADDRESS", .key = "address"},
    {.title = "MODE", .key = "mode"},
    {.title = "SINCE", .key = "since"},
    {.title = "NOTE", .key = "note"},
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct listing {
	struct table table;
	int64_t now_s;
	int64_t n;
};

/* --- what is wanted --- */

/* --account, or "*": all accounts together. NULL after a complaint. */
static const char *
account_given(const struct ctl *ctl)
{
	const char *name = ctl->args.value[ARG_ACCOUNT];
	struct err err;

	if (name != NULL && ctl->args.value[ARG_ALL] != NULL) {
		(void)ctl_fail(EX_USAGE, "--account and --all exclude each other");
		return NULL;
	}
	if (name == NULL || strcmp(name, CONSENT_ALL_ACCOUNTS) == 0)
		return CONSENT_ALL_ACCOUNTS;
	if (account_name_check(slice_of(name), &err) == 0)
		return name;
	(void)ctl_fail(EX_USAGE, "--account %.40s: %s", name, err.text);
	return NULL;
}

/* "ann@example.com", as it may stand in RCPT. */
static int
address_read(const char *text, struct address *address_r)
{
	*address_r = address_parse(slice_of(text));
	if (!address_r->malformed && !address_r->null && address_r->domain.n > 0)
		return CTL_OK;
	return ctl_fail(EX_USAGE, "%.100s is no address of a recipient: user@example.com", text);
}

static int
now_read(struct store_admin *admin, int64_t *now_s_r)
{
	int64_t ahead_ms;
	struct err err;

	if (store_admin_time(admin, now_s_r, &ahead_ms, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	return CTL_OK;
}

/* --- rows --- */

static bool
row_show(void *arg, const char *account, struct slice field, const struct consent *consent)
{
	struct listing *l = arg;
	struct table *t = &l->table;

	l->n++;
	table_words(t, OUT_NORMAL, account);
	table_text(t, OUT_NORMAL, field);
	table_words(t, OUT_BOLD, consent_mode_name(consent->mode));
	if (consent->since_s > 0)
		table_time(t, OUT_NORMAL, consent->since_s, l->now_s);
	else
		table_none(t);
	if (consent->note_n > 0)
		table_text(t, OUT_NORMAL, slice_make(consent->note, consent->note_n));
	else
		table_none(t);
	table_row(t);
	return !out_is_dead(t->out);
}

static int
listing_begin(struct ctl *ctl, struct listing *l)
{
	int code;

	if (ctl_admin(ctl, &code) == NULL)
		return code;
	l->n = 0;
	code = now_read(ctl->admin, &l->now_s);
	if (code == CTL_OK)
		table_begin(&l->table, &ctl->out, columns, COLUMNS);
	return code;
}

int
consent_list_command(struct ctl *ctl)
{
	const char *account = account_given(ctl);
	struct listing l = {.n = 0};
	struct err err;
	int code, status;

	if (account == NULL)
		return EX_USAGE;
	code = listing_begin(ctl, &l);
	if (code != CTL_OK)
		return code;
	if (ctl->args.value[ARG_ACCOUNT] == NULL)
		status = store_admin_consents_all(ctl->admin, row_show, &l, &err);
	else
		status = store_admin_consents(ctl->admin, account, row_show, &l, &err);
	table_end(&l.table);
	return status == 0 ? CTL_OK : ctl_fail(EX_UNAVAILABLE, "%s", err.text);
}

/* What he said to that account; both 1 and 0 are well. */
static int
one_show(struct ctl *ctl, struct listing *l, const char *account, const struct address *rcpt,
    struct err *err)
{
	char storage[CONSENT_KEY_BYTES];
	struct buf field = BUF_OVER(storage);
	struct consent consent;
	int status = store_admin_consent_get(ctl->admin, account, rcpt, &consent, err);

	consent_key(rcpt, &field);
	if (status == 1)
		(void)row_show(l, account, buf_slice(&field), &consent);
	return status < 0 ? -1 : 0;
}

int
consent_show_command(struct ctl *ctl)
{
	const char *account = account_given(ctl);
	struct address rcpt;
	struct listing l = {.n = 0};
	struct err err;
	int code, status;

	if (account == NULL)
		return EX_USAGE;
	code = address_read(ctl->operand[0], &rcpt);
	if (code == CTL_OK)
		code = listing_begin(ctl, &l);
	if (code != CTL_OK)
		return code;
	if (ctl->args.value[ARG_ACCOUNT] == NULL)
		status = store_admin_consents_of(ctl->admin, &rcpt, row_show, &l, &err);
	else
		status = one_show(ctl, &l, account, &rcpt, &err);
	table_end(&l.table);
	if (status != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	if (l.n == 0)
		return ctl_fail(CTL_NOT_FOUND, "%.100s said nothing: the account's privacy holds",
		    ctl->operand[0]);
	return CTL_OK;
}

/* --- changes --- */

/* "ann@example.com: anonymous, for all accounts" */
static void
change_report(
    struct ctl *ctl, const char *account, const struct address *rcpt, const struct consent *consent)
{
	char storage[CONSENT_KEY_BYTES];
	struct buf field = BUF_OVER(storage);
	bool all = strcmp(account, CONSENT_ALL_ACCOUNTS) == 0;
	struct listing l = {.now_s = consent == NULL ? 0 : consent->since_s};

	consent_key(rcpt, &field);
	if (ctl->out.form != OUT_TERMINAL) {
		table_begin(&l.table, &ctl->out, columns, COLUMNS);
		if (consent != NULL)
			(void)row_show(&l, account, buf_slice(&field), consent);
		table_end(&l.table);
		return;
	}
	out_slice(&ctl->out, OUT_NORMAL, buf_slice(&field));
	out_print(&ctl->out, OUT_NORMAL, ": %s, for %s%s\n",
	    consent == NULL ? "removed" : consent_mode_name(consent->mode),
	    all ? "all accounts" : "account ", all ? "" : account);
}

static int
consent_make(const struct ctl *ctl, struct consent *consent_r)
{
	const char *note = ctl->args.value[ARG_NOTE];
	char storage[CONSENT_TEXT_BYTES];
	struct buf text = BUF_OVER(storage);

	*consent_r = (struct consent){.mode = PRIVACY_OFF};
	if (consent_mode_parse(slice_of(ctl->operand[1]), &consent_r->mode) != 0)
		return ctl_fail(EX_USAGE, "%.40s: write identified, pseudonymous, anonymous or off",
		    ctl->operand[1]);
	if (note != NULL && strlen(note) > CONSENT_NOTE_BYTES)
		return ctl_fail(EX_USAGE, "--note: %d bytes at most", CONSENT_NOTE_BYTES);
	if (note == NULL)
		return CTL_OK;
	/* as it will be read */
	buf_add_format(&text, "%s 0 ", consent_mode_name(consent_r->mode));
	buf_add_text(&text, note);
	consent_read(buf_slice(&text), consent_r);
	return CTL_OK;
}

int
consent_set_command(struct ctl *ctl)
{
	const char *account = account_given(ctl);
	struct consent consent;
	struct address rcpt;
	struct err err;
	int code, unreached;

	if (account == NULL)
		return EX_USAGE;
	code = address_read(ctl->operand[0], &rcpt);
	if (code == CTL_OK)
		code = consent_make(ctl, &consent);
	if (code == CTL_OK && ctl_admin(ctl, &unreached) == NULL)
		code = unreached;
	if (code == CTL_OK)
		code = now_read(ctl->admin, &consent.since_s);
	if (code != CTL_OK)
		return code;
	if (store_admin_consent_set(ctl->admin, account, &rcpt, &consent, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	change_report(ctl, account, &rcpt, &consent);
	return CTL_OK;
}

int
consent_remove_command(struct ctl *ctl)
{
	const char *account = account_given(ctl);
	char storage[CONSENT_KEY_BYTES];
	struct buf field = BUF_OVER(storage);
	struct address rcpt;
	struct err err;
	int code, removed;

	if (account == NULL)
		return EX_USAGE;
	rcpt = address_parse(slice_of(ctl->operand[0])); /* which somebody else put in wrongly? */
	consent_key(&rcpt, &field);
	if (ctl_admin(ctl, &code) == NULL)
		return code;
	removed = store_admin_consent_remove(ctl->admin, account, buf_slice(&field), &err);
	if (removed < 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	if (removed == 0)
		return ctl_fail(CTL_NOT_FOUND, "%.100s has said nothing to %s", ctl->operand[0],
		    strcmp(account, CONSENT_ALL_ACCOUNTS) == 0 ? "all accounts together; "
								 "--account names one"
							       : account);
	change_report(ctl, account, &rcpt, NULL);
	return CTL_OK;
}
