/*
 * account_remove.c - `account remove`: the keys go first, and then the account.
 */
#include "account.h"

#include "account_conf.h"
#include "account_print.h"
#include "account_write.h"
#include "outbound_conf.h"
#include "settings.h"

#include <inttypes.h>

struct removal {
	struct account_view view;
	struct account_seen seen;
	struct account_keys_edit *keys;
	size_t nkeys;
};

static int
keys_collect(struct removal *r)
{
	size_t n;
	const struct account_use *uses = account_keys_of(&r->view.keys, r->seen.name, &n);

	r->keys = arena_alloc(&r->view.arena, (n + 1) * sizeof(*r->keys));
	if (r->keys == NULL)
		return account_no_memory();
	for (size_t i = 0; i < n; i++)
		r->keys[r->nkeys++] = (struct account_keys_edit){
		    .key = uses[i].entry->key, .account = r->seen.name, .add = false};
	return CTL_OK;
}

/* Whose mail would leave without the account is no slip of the pen's to decide. */
static int
consent_check(const struct removal *r)
{
	const struct outbound_conf *conf = settings_of(r->view.conf, &outbound_section);
	char storage[64];
	struct buf count = BUF_OVER(storage);

	if (r->view.ctl->args.value[ARG_YES] != NULL)
		return CTL_OK;
	account_count_format(&count, r->nkeys, "key", "keys");
	if (slice_eq(r->seen.name, slice_of(conf->default_account)))
		return ctl_fail(EX_USAGE,
		    "account %.*s is outbound.default_account; if you mean it, add --yes",
		    SLICE_ARG(r->seen.name));
	if (r->nkeys > 0)
		return ctl_fail(EX_USAGE,
		    "account %.*s has %s (first %.*s), whose mail would leave without it; if you "
		    "mean it, add --yes",
		    SLICE_ARG(r->seen.name), buf_text(&count), SLICE_ARG(r->keys[0].key));
	return CTL_OK;
}

static void
rest_tell(const struct removal *r)
{
	(void)ctl_fail(0,
	    "account %.*s is removed. Its events, what is known of its messages and its suppressed "
	    "recipients stay: a new account of that name would have them again",
	    SLICE_ARG(r->seen.name));
	if (r->seen.conf != NULL)
		(void)ctl_fail(0, "the account of that name in %s, line %u, stays as it is",
		    r->view.ctl->conf_path, account_conf_line(r->view.conf, r->seen.index));
}

static int
remove_all(struct removal *r)
{
	struct store_account_change change = {.name = r->seen.name, .remove = true};
	struct store_account nothing = {.name = r->seen.name};
	struct err err;
	int code = account_keys_write(&r->view, r->keys, r->nkeys, NULL);

	if (code != CTL_OK)
		return code;
	if (store_admin_accounts_write(r->view.admin, &change, 1, &err) < 0)
		return account_failed(&err);
	account_changes_print(&r->view, &r->seen.store, &nothing, r->keys, r->nkeys);
	rest_tell(r);
	return CTL_OK;
}

int
account_remove_command(struct ctl *ctl)
{
	struct removal r = {.nkeys = 0};
	const char *name = ctl->operand[0];
	int code = account_view_init(&r.view, ctl);

	if (code == CTL_OK)
		code = account_see(&r.view, slice_of(name), &r.seen);
	if (code == CTL_OK)
		code = account_view_keys(&r.view);
	if (code == CTL_OK)
		code = keys_collect(&r);
	/* keys alone may be left of one whose removal was interrupted */
	if (code == CTL_OK && !r.seen.store.exists && r.nkeys == 0)
		code = r.seen.conf != NULL ? account_conf_fail(&r.view, r.seen.index)
					   : account_missing(&r.view, name);
	if (code == CTL_OK)
		code = consent_check(&r);
	if (code == CTL_OK)
		code = remove_all(&r);
	account_view_fini(&r.view);
	return code;
}
