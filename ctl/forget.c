/*
 * forget.c - `gatepostctl forget`: a person's data is removed.
 */
#include "ctl.h"
#include "io/store_admin_forget.h"
#include "io/store_admin_server.h"
#include "table.h"

static const struct table_column columns[] = {
    {.title = "KIND", .key = "kind"},
    {.title = "ACCOUNT", .key = "account"},
    {.title = "FOUND", .key = "found", .right = true},
    {.title = "DONE", .key = "done", .right = true},
    {.title = "WHAT", .key = "what"},
};

/* What becomes of them: what `what` says, and what a terminal does. */
static const struct {
	const char *kind;
	const char *what;
	const char *stays; /* unless it is asked for; NULL: it never does */
} kinds[STORE_FORGET_KINDS] = {
    [STORE_FORGET_EVENTS] = {"events", "kept without the address, and counted"},
    [STORE_FORGET_MESSAGES_KEPT] = {"messages", "kept without the address, until they expire"},
    [STORE_FORGET_COUNTS] = {"counts", "kept without the address"},
    [STORE_FORGET_DECISIONS] = {"decisions", "deleted"},
    [STORE_FORGET_TUPLES] = {"tuples", "deleted"},
    [STORE_FORGET_CORRESPONDENTS] = {"correspondents", "deleted"},
    [STORE_FORGET_RETURNS] = {"returns", "deleted"},
    [STORE_FORGET_CONSENTS] = {"consents", "deleted"},
    [STORE_FORGET_REFUSALS] = {"refusals", "deleted", "stays: so he is not followed"},
    [STORE_FORGET_SUPPRESSIONS] = {"suppressions", "deleted", "stays: nothing is sent to him"},
};

struct forgetting {
	struct ctl *ctl;
	bool only_count;
	bool refusals;
	struct table table;
	int64_t found;      /* that is to be removed */
	int64_t suppressed; /* entries that stay, and keep from sending to him */
};

static void
row_show(void *arg, enum store_forget_kind kind, const char *account,
    const struct store_forget_counts *counts)
{
	struct forgetting *f = arg;
	bool stays = kinds[kind].stays != NULL && !f->refusals;

	f->found += stays ? 0 : counts->found;
	f->suppressed += stays && kind == STORE_FORGET_SUPPRESSIONS ? counts->found : 0;
	table_words(&f->table, OUT_NORMAL, kinds[kind].kind);
	table_text_or_none(&f->table, account);
	table_number(&f->table, OUT_NORMAL, counts->found);
	table_number(&f->table, OUT_BOLD, counts->done);
	table_words(&f->table, OUT_DIM, stays ? kinds[kind].stays : kinds[kind].what);
	table_row(&f->table);
}

/* What is left to say, on stderr, since a pipe gets only rows. */
static int
advise(const struct forgetting *f, const char *address)
{
	if (f->found == 0)
		return ctl_fail(CTL_NOT_FOUND, "nothing is kept about %.100s", address);
	if (f->only_count && f->ctl->args.value[ARG_DRY_RUN] == NULL)
		return ctl_fail(EX_USAGE,
		    "nothing was removed; add --yes to remove it, which cannot be taken back");
	if (!f->only_count && f->suppressed == 0)
		(void)ctl_fail(CTL_OK,
		    "nobody is kept from sending to %.100s: what is sent next is recorded again",
		    address);
	if (!f->only_count)
		(void)ctl_fail(CTL_OK,
		    "the log of the system, and of the MTA, still has the address; so may what was "
		    "queued in the last minute: run this again then");
	return CTL_OK;
}

static int
forget(struct forgetting *f, const struct store_forget_wish *wish)
{
	struct err err;
	int status;

	table_begin(&f->table, &f->ctl->out, columns, sizeof(columns) / sizeof(*columns));
	status = store_admin_forget(f->ctl->admin, wish, row_show, f, &err);
	table_end(&f->table);
	if (status != 0)
		return ctl_fail(
		    EX_UNAVAILABLE, "%s; what is said above is done, run it again", err.text);
	return advise(f, f->ctl->operand[0]);
}

int
forget_command(struct ctl *ctl)
{
	const char *const *value = ctl->args.value;
	struct address address = address_parse(slice_of(ctl->operand[0]));
	struct forgetting f = {.ctl = ctl,
	    .only_count = value[ARG_YES] == NULL || value[ARG_DRY_RUN] != NULL,
	    .refusals = value[ARG_SUPPRESSION] != NULL};
	struct forget_person person;
	const struct store_forget_wish wish = {&person, f.only_count, f.refusals};
	struct err err;
	int code;

	if (forget_person_init(&person, &address, &err) != 0)
		return ctl_fail(EX_USAGE, "%.100s: %s", ctl->operand[0], err.text);
	if (ctl_admin(ctl, &code) == NULL)
		return code;
	return forget(&f, &wish);
}
