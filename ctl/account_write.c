/*
 * account_write.c - see account_write.h.
 */
#include "account_write.h"

#include "account_conf.h"
#include "base/nearest.h"

/* How often somebody else may be faster. */
#define TRIES 5

/* 1 when it is done, 0 when somebody else was faster, or -1. */
static int
keys_try(struct account_view *view, struct account_keys_edit *edits, size_t n, size_t *n_r,
    struct err *err)
{
	struct account_pair *read, *write;
	size_t nread, nwrite;

	if (store_admin_account_map_watch(view->admin, err) != 0 ||
	    store_admin_account_map(view->admin, &view->arena, &read, &nread, err) != 0)
		return -1;
	if (account_keys_read(&view->keys, read, nread, &view->arena) != 0)
		return err_set(err, ERR_NOMEM, "there is no memory left");
	if (account_keys_edit(&view->keys, edits, n, &view->arena, &write, &nwrite, err) != 0)
		return -1;
	*n_r = nwrite;
	return store_admin_account_map_write(view->admin, write, nwrite, err);
}

int
account_keys_write(
    struct account_view *view, struct account_keys_edit *edits, size_t n, size_t *n_r)
{
	size_t changed = 0;
	struct err err;
	int status = n == 0;

	for (int i = 0; i < TRIES && status == 0; i++)
		status = keys_try(view, edits, n, &changed, &err);
	if (n_r != NULL)
		*n_r = changed;
	if (status == 1)
		return CTL_OK;
	if (status == 0)
		return ctl_fail(EX_UNAVAILABLE, "others change the keys all the time; the options "
						"are written, the keys are not: try again");
	return ctl_fail(EX_UNAVAILABLE, "%s; the keys were not changed", err.text);
}

/* A name like that one, or NULL: of those that have keys, which are read fast on any installation. */
static const char *
nearest_find(struct account_view *view, struct slice name)
{
	unsigned least = NEAREST_FAR;
	struct slice best = {NULL, 0};

	if (account_view_keys(view) != CTL_OK)
		return NULL;
	for (size_t i = 0; i < view->keys.nuses; i++) {
		unsigned cost = nearest_cost(name, view->keys.uses[i].account);

		if (cost < least) {
			least = cost;
			best = view->keys.uses[i].account;
		}
	}
	for (size_t i = 0; i < account_conf_count(view->conf); i++) {
		struct slice other = slice_of(account_conf_at(view->conf, i)->name);
		unsigned cost = nearest_cost(name, other);

		if (cost < least) {
			least = cost;
			best = other;
		}
	}
	return best.p == NULL ? NULL : arena_text(&view->arena, best);
}

int
account_missing(struct account_view *view, const char *name)
{
	const char *nearest = nearest_find(view, slice_of(name));

	if (nearest == NULL)
		return ctl_fail(CTL_NOT_FOUND, "there is no account %s", name);
	return ctl_fail(CTL_NOT_FOUND, "there is no account %s; did you mean %s?", name, nearest);
}
