/*
 * account_set.c - `account add` and `account set`: everything is checked, then the account is
 * written, then its keys.
 */
#include "account.h"

#include "account_conf.h"
#include "account_edit.h"
#include "account_print.h"
#include "account_secret.h"
#include "account_write.h"

struct setting {
	struct account_view view;
	struct account_seen seen; /* as it is so far */
	struct account_edit edit;
	struct account_keys_edit *keys; /* what --match and --unmatch want */
	size_t nkeys;
	size_t wrong; /* complaints */
};

static void
complain(struct setting *s, const struct err *err)
{
	(void)ctl_fail(EX_USAGE, "%s", err->text);
	s->wrong++;
}

static void
words_read(struct setting *s)
{
	const struct ctl *ctl = s->view.ctl;
	const char *word;
	struct err err;

	for (int i = 1; i < ctl->operands; i++) {
		if (account_secret_read(ctl->operand[i], &s->view.arena, &word, &err) != 0 ||
		    account_edit_word(&s->edit, word, &err) != 0)
			complain(s, &err);
	}
}

/* Is the key the account's already? */
static bool
has_key(const struct setting *s, struct slice key)
{
	const struct account_entry *entry = account_keys_find(&s->view.keys, key);

	return entry != NULL && account_entry_has(entry, s->seen.name);
}

static int
key_check(const struct setting *s, struct slice key, bool add, struct err *err)
{
	for (size_t i = 0; i < s->nkeys; i++) {
		if (slice_eq(s->keys[i].key, key))
			return err_set(err, ERR_INVALID, "%.*s is there twice",
			    SLICE_ARG(slice_head(key, 100)));
	}
	if (!add && !has_key(s, key))
		return err_set(err, ERR_INVALID, "%.*s is no key of account %.*s",
		    SLICE_ARG(slice_head(key, 100)), SLICE_ARG(s->seen.name));
	return 0;
}

static void
key_read(struct setting *s, const char *text, bool add)
{
	struct slice key;
	struct err err;

	if (account_key_canon(slice_of(text), &s->view.arena, &key, &err) != 0 ||
	    key_check(s, key, add, &err) != 0)
		complain(s, &err);
	else if (!add || !has_key(s, key))
		s->keys[s->nkeys++] = (struct account_keys_edit){
		    .key = key, .account = s->seen.name, .add = add};
}

static int
keys_read(struct setting *s)
{
	const struct args *args = &s->view.ctl->args;

	s->keys = arena_alloc(
	    &s->view.arena, (args->matches.n + args->unmatches.n + 1) * sizeof(*s->keys));
	if (s->keys == NULL)
		return -1;
	for (size_t i = 0; i < args->unmatches.n; i++)
		key_read(s, args->unmatches.v[i], false);
	for (size_t i = 0; i < args->matches.n; i++)
		key_read(s, args->matches.v[i], true);
	return 0;
}

/* Too many accounts for a key: known before anything is written. */
static void
keys_check(struct setting *s)
{
	struct account_pair *pairs;
	struct err err;
	size_t n;

	if (account_keys_edit(&s->view.keys, s->keys, s->nkeys, &s->view.arena, &pairs, &n, &err) !=
	    0)
		complain(s, &err);
}

/* The key is somebody else's first, in Redis or in milter.conf. */
static void
shared_tell(const struct setting *s, struct slice key)
{
	const struct account *conf = account_conf_by_key(s->view.conf, key);
	const struct account_entry *entry = account_keys_find(&s->view.keys, key);
	const char *use = slice_starts(key, slice_of("from:"))
			      ? "may write that From, but it is not its mail"
			      : "gets only what asks for it by X-Gatepost-Account";

	if (conf != NULL)
		(void)ctl_fail(0, "%.*s is the key of %s in %s; it does not count for %.*s",
		    SLICE_ARG(key), conf->name, s->view.ctl->conf_path, SLICE_ARG(s->seen.name));
	else if (entry != NULL && !slice_eq(entry->names[0], s->seen.name))
		(void)ctl_fail(0, "%.*s is the key of %.*s first; %.*s %s", SLICE_ARG(key),
		    SLICE_ARG(entry->names[0]), SLICE_ARG(s->seen.name), use);
}

/* How the account is from now on: what is missing is told. */
static int
after_build(struct setting *s, struct account_seen *after)
{
	size_t before, keys;
	struct err err;

	(void)account_keys_of(&s->view.keys, s->seen.name, &before);
	keys = before;
	for (size_t i = 0; i < s->nkeys; i++) {
		if (!s->keys[i].add)
			keys--;
		else if (!has_key(s, s->keys[i].key))
			keys++;
	}
	*after = (struct account_seen){.name = s->seen.name,
	    .store = {.name = s->seen.name, .fields = s->edit.v, .n = s->edit.n, .exists = true}};
	if (account_seen_build(&s->view, after, &s->view.arena, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	account_advise(&s->view, after, keys);
	return CTL_OK;
}

/* Everything that can be known beforehand. */
static int
check(struct setting *s)
{
	s->edit.arena = s->edit.scratch = &s->view.arena;
	s->edit.defaults = s->view.defaults;
	if (account_edit_begin(&s->edit, &s->seen.store, (size_t)s->view.ctl->operands) != 0 ||
	    keys_read(s) != 0)
		return account_no_memory();
	words_read(s);
	keys_check(s);
	if (s->wrong > 0)
		return ctl_fail(EX_USAGE, "nothing was changed");
	return CTL_OK;
}

static int
write_all(struct setting *s)
{
	struct store_account_change change = {s->seen.name, s->edit.v, s->edit.n, false};
	struct account_seen after;
	struct err err;
	int code = after_build(s, &after), status;

	if (code != CTL_OK)
		return code;
	for (size_t i = 0; i < s->nkeys; i++) {
		if (s->keys[i].add)
			shared_tell(s, s->keys[i].key);
	}
	status = store_admin_accounts_write(s->view.admin, &change, 1, &err);
	if (status < 0)
		return account_failed(&err);
	if (status == 0)
		return ctl_fail(EX_UNAVAILABLE,
		    "somebody else changed account %.*s just now; nothing was changed: try again",
		    SLICE_ARG(s->seen.name));
	code = account_keys_write(&s->view, s->keys, s->nkeys, NULL);
	account_changes_print(&s->view, &s->seen.store, &after.store, s->keys, s->nkeys);
	account_problems_tell(s->seen.name, &after.problems);
	return code;
}

/* Reads all there is of the account of that name, which nobody changes unseen from now on. */
static int
begin(struct setting *s, struct ctl *ctl)
{
	struct slice name = slice_of(ctl->operand[0]);
	struct err err;
	int code = account_view_init(&s->view, ctl);

	if (code == CTL_OK)
		code = account_name_typed(ctl->operand[0]);
	if (code == CTL_OK && store_admin_account_watch(s->view.admin, name, &err) != 0)
		code = account_failed(&err);
	if (code == CTL_OK)
		code = account_see(&s->view, name, &s->seen);
	if (code == CTL_OK && s->seen.conf != NULL)
		code = account_conf_fail(&s->view, s->seen.index);
	if (code == CTL_OK)
		code = account_view_keys(&s->view);
	return code;
}

static int
account_change(struct ctl *ctl, bool add)
{
	struct setting s = {.wrong = 0};
	int code = begin(&s, ctl);

	if (code == CTL_OK && add && s.seen.store.exists)
		code = ctl_fail(CTL_NOT_FOUND,
		    "there is an account %s already; `gatepostctl account set %s ...` changes it",
		    ctl->operand[0], ctl->operand[0]);
	if (code == CTL_OK && !add && !s.seen.store.exists)
		code = account_missing(&s.view, ctl->operand[0]);
	if (code == CTL_OK)
		code = check(&s);
	if (code == CTL_OK)
		code = write_all(&s);
	account_view_fini(&s.view);
	return code;
}

int
account_add_command(struct ctl *ctl)
{
	return account_change(ctl, true);
}

int
account_set_command(struct ctl *ctl)
{
	if (ctl->operands == 1 && ctl->args.matches.n == 0 && ctl->args.unmatches.n == 0)
		return ctl_fail(EX_USAGE, "account set wants what to set: OPTION=VALUE, --match "
					  "KEY or --unmatch KEY");
	return account_change(ctl, false);
}
