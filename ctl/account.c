/*
 * account.c - see account.h.
 */
#include "account.h"

#include "account_conf.h"
#include "settings.h"

#include <stdlib.h>

#define CHUNK_BYTES 65536

/* A list of a thousand addresses, as long as they may be. */
#define VALUE_BYTES ((size_t)512 * 1024)

int
account_failed(const struct err *err)
{
	return ctl_fail(EX_UNAVAILABLE, "%s", err->text);
}

int
account_no_memory(void)
{
	return ctl_fail(EX_UNAVAILABLE, "there is no memory left");
}

static const struct account *
defaults_make(struct account_view *view)
{
	struct account *defaults = arena_alloc(&view->arena, sizeof(*defaults));

	if (defaults == NULL)
		return NULL;
	*defaults = *(const struct account *)settings_of(view->conf, &account_section);
	return account_ready(defaults, &view->arena) == 0 ? defaults : NULL;
}

int
account_view_init(struct account_view *view, struct ctl *ctl)
{
	int code;

	*view = (struct account_view){.ctl = ctl};
	arena_init(&view->arena, CHUNK_BYTES, ACCOUNT_VIEW_BYTES);
	view->conf = ctl_conf(ctl);
	if (view->conf == NULL)
		return EX_CONFIG;
	view->defaults = defaults_make(view);
	if (view->defaults == NULL)
		return account_no_memory();
	view->admin = ctl_admin(ctl, &code);
	return view->admin == NULL ? code : CTL_OK;
}

void
account_view_fini(struct account_view *view)
{
	arena_fini(&view->arena);
}

int
account_view_keys(struct account_view *view)
{
	struct account_pair *pairs;
	struct err err;
	size_t n;

	if (store_admin_account_map(view->admin, &view->arena, &pairs, &n, &err) != 0)
		return account_failed(&err);
	if (account_keys_read(&view->keys, pairs, n, &view->arena) != 0)
		return account_no_memory();
	return CTL_OK;
}

void
account_problems_tell(struct slice name, const struct account_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++)
		(void)ctl_fail(
		    0, "%.*s: %s: %s", SLICE_ARG(name), problems->v[i].option, problems->v[i].text);
	if (problems->dropped > 0)
		(void)ctl_fail(0, "%.*s: and %zu more", SLICE_ARG(name), problems->dropped);
}

int
account_seen_build(
    const struct account_view *view, struct account_seen *seen, struct arena *a, struct err *err)
{
	struct account_source source = {.base = view->defaults, .name = seen->name};

	if (seen->conf != NULL) {
		source.base = seen->conf;
	} else {
		source.fields = seen->store.fields;
		source.n = seen->store.n;
	}
	if (seen->conf == NULL && seen->store.odd)
		account_problem_add(&seen->problems, a, slice_of("account"),
		    "its key in Redis holds something else than options");
	return account_build(&seen->built, &source, a, &seen->problems, err);
}

int
account_see(struct account_view *view, struct slice name, struct account_seen *seen_r)
{
	struct err err;

	*seen_r = (struct account_seen){.name = name, .store = {.name = name}};
	seen_r->conf = account_conf_find(view->conf, name, &seen_r->index);
	if (store_admin_accounts(view->admin, &seen_r->store, 1, &view->arena, &err) != 0)
		return account_failed(&err);
	if (seen_r->conf == NULL && !seen_r->store.exists)
		return CTL_OK;
	if (account_seen_build(view, seen_r, &view->arena, &err) == 0)
		return CTL_OK;
	if (err.code == ERR_NOMEM)
		return account_failed(&err);
	/* what somebody else put there wrongly can be looked at and removed */
	seen_r->built = *view->defaults;
	account_problem_add(&seen_r->problems, &view->arena, slice_of("account"), err.text);
	return CTL_OK;
}

int
account_conf_fail(const struct account_view *view, size_t index)
{
	return ctl_fail(EX_USAGE, "account %s stands in %s, line %u: change it there",
	    account_conf_at(view->conf, index)->name, view->ctl->conf_path,
	    account_conf_line(view->conf, index));
}

int
account_name_typed(const char *name)
{
	struct err err;

	if (account_name_check(slice_of(name), &err) == 0)
		return CTL_OK;
	return ctl_fail(EX_USAGE, "%s", err.text);
}

const char *
account_value(const struct option *row, const struct account *account, struct arena *a)
{
	char storage[512];
	struct buf out = BUF_OVER(storage);
	char *large;

	account_field_format(row, account, &out);
	if (!out.over)
		return arena_text(a, buf_slice(&out));
	large = arena_alloc(a, VALUE_BYTES);
	buf_init(&out, large, large == NULL ? 0 : VALUE_BYTES);
	account_field_format(row, account, &out);
	return large == NULL ? NULL : buf_text(&out);
}

struct slice
account_value_shown(const struct option *row, struct slice value)
{
	bool hide = row != NULL && row->kind == OPTION_KIND_SECRET && value.n > 0;

	return hide ? slice_of("(hidden)") : value;
}

const struct slice *
account_field_find(const struct store_account *store, const char *option)
{
	for (size_t i = 0; i < store->n; i++) {
		if (slice_eq(store->fields[i].name, slice_of(option)))
			return &store->fields[i].value;
	}
	return NULL;
}

void
account_count_format(struct buf *out, size_t n, const char *one, const char *many)
{
	buf_add_format(out, "%zu %s", n, n == 1 ? one : many);
}
