/*
 * account_there.c - see account_there.h.
 */
#include "account_there.h"

#include "account_conf.h"
#include "account_write.h"

/* 1, 0 or -1 */
static int
is_there(struct account_view *view, const char *name, struct err *err)
{
	struct store_account store = {.name = slice_of(name)};
	size_t index;

	if (account_conf_find(view->conf, store.name, &index) != NULL)
		return 1;
	if (store_admin_accounts(view->admin, &store, 1, &view->arena, err) != 0)
		return -1;
	return store.exists;
}

/* 1, 0 or -1 */
static int
was_there(struct account_view *view, const char *name, account_kept_names *kept, struct err *err)
{
	struct store_event_accounts names = {.n = 0};
	int found = 0;

	if (kept(view->admin, &names, err) != 0)
		return -1;
	for (size_t i = 0; i < names.n && found == 0; i++)
		found = strcmp(names.v[i], name) == 0;
	store_event_accounts_free(&names);
	return found;
}

int
account_must_be_or_was(struct ctl *ctl, const char *name, account_kept_names *kept)
{
	struct account_view view;
	struct err err;
	int status, code = account_view_init(&view, ctl);

	if (code == CTL_OK) {
		status = is_there(&view, name, &err);
		if (status == 0 && kept != NULL)
			status = was_there(&view, name, kept, &err);
		if (status < 0)
			code = account_failed(&err);
		else if (status == 0)
			code = account_missing(&view, name);
	}
	account_view_fini(&view);
	return code;
}

int
account_must_be(struct ctl *ctl, const char *name)
{
	return account_must_be_or_was(ctl, name, NULL);
}
