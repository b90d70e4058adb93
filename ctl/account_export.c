/*
 * account_export.c - `account export`: the accounts of Redis as account_json.h has them, read and
 * written in batches.
 */
#include "account.h"

#include "account_conf.h"
#include "account_json.h"
#include "account_write.h"
#include "io/accounts.h"

#include <stdlib.h>

#define BATCH_BYTES ((size_t)256 * 1024 * 1024)

struct exporting {
	struct account_view view;
	struct slice *names; /* sorted */
	size_t n;
	struct arena arena; /* of a batch */
	size_t written;
	int code;
};

static int
name_order(const void *left, const void *right)
{
	return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

/* Those that were named, else all. */
static int
names_find(struct exporting *e)
{
	const struct ctl *ctl = e->view.ctl;
	struct err err;

	if (ctl->operands == 0) {
		if (store_admin_account_names(
			e->view.admin, &e->view.arena, ACCOUNTS_MAX, &e->names, &e->n, &err) != 0)
			return account_failed(&err);
		return CTL_OK;
	}
	e->names = arena_alloc(&e->view.arena, (size_t)ctl->operands * sizeof(*e->names));
	if (e->names == NULL)
		return account_no_memory();
	for (int i = 0; i < ctl->operands; i++)
		e->names[e->n++] = slice_of(ctl->operand[i]);
	qsort(e->names, e->n, sizeof(*e->names), name_order);
	return CTL_OK;
}

/* One of those that were named is not there. */
static void
missing(struct exporting *e, struct slice name)
{
	size_t index;

	if (e->view.ctl->operands == 0)
		return; /* gone meanwhile */
	if (account_conf_find(e->view.conf, name, &index) != NULL)
		e->code = account_conf_fail(&e->view, index);
	else
		e->code = account_missing(&e->view, arena_text(&e->view.arena, name));
}

static void
one_write(struct exporting *e, const struct store_account *account)
{
	FILE *to = e->view.ctl->out.to;
	size_t nuses;
	const struct account_use *uses = account_keys_of(&e->view.keys, account->name, &nuses);
	json_t *object;

	if (!account->exists) {
		missing(e, account->name);
		return;
	}
	if (account->odd) {
		e->code = ctl_fail(CTL_NOT_FOUND,
		    "account %.*s: its key in Redis holds something else than options; it is left "
		    "out",
		    SLICE_ARG(account->name));
		return;
	}
	object = account_json_make(account, uses, nuses);
	if (object == NULL) {
		e->code = ctl_fail(CTL_NOT_FOUND,
		    "account %.*s has bytes that JSON cannot hold; it is left out",
		    SLICE_ARG(account->name));
		return;
	}
	(void)fputs(e->written++ > 0 ? ",\n  " : "\n  ", to);
	if (json_dumpf(object, to, JSON_ENSURE_ASCII) != 0)
		e->view.ctl->out.failed = true;
	json_decref(object);
}

static int
batch_write(struct exporting *e, size_t from, size_t n)
{
	struct store_account *v;
	struct err err;

	arena_reset(&e->arena);
	v = arena_alloc(&e->arena, n * sizeof(*v));
	if (v == NULL)
		return account_no_memory();
	for (size_t i = 0; i < n; i++)
		v[i].name = e->names[from + i];
	if (store_admin_accounts(e->view.admin, v, n, &e->arena, &err) != 0)
		return account_failed(&err);
	for (size_t i = 0; i < n; i++) {
		if (from + i == 0 || !slice_eq(v[i].name, e->names[from + i - 1]))
			one_write(e, &v[i]);
	}
	return CTL_OK;
}

/* Is one of the entry's accounts among those that are written? */
static bool
is_written(const struct exporting *e, const struct account_entry *entry)
{
	for (size_t i = 0; i < entry->n; i++) {
		if (bsearch(&entry->names[i], e->names, e->n, sizeof(*e->names), name_order) !=
		    NULL)
			return true;
	}
	return false;
}

/* The keys that several accounts have. */
static void
shared_write(struct exporting *e)
{
	const struct account_keys *keys = &e->view.keys;
	FILE *to = e->view.ctl->out.to;
	json_t *shared = json_object();

	for (size_t i = 0; i < keys->n; i++) {
		const struct account_entry *entry = &keys->v[i];
		json_t *names;
		char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES + 1];
		struct buf key = BUF_OVER(storage);

		if (entry->n < 2 || !is_written(e, entry))
			continue;
		names = json_array();
		for (size_t j = 0; j < entry->n; j++)
			(void)json_array_append_new(
			    names, json_stringn(entry->names[j].p, entry->names[j].n));
		buf_add(&key, entry->key);
		(void)json_object_set_new(shared, buf_text(&key), names);
	}
	if (json_object_size(shared) > 0) {
		(void)fputs(", \"shared\": ", to);
		if (json_dumpf(shared, to, JSON_ENSURE_ASCII | JSON_SORT_KEYS) != 0)
			e->view.ctl->out.failed = true;
	}
	json_decref(shared);
}

static int
export_all(struct exporting *e)
{
	FILE *to = e->view.ctl->out.to;
	int code = CTL_OK;

	(void)fputs("{\"accounts\": [", to);
	for (size_t i = 0; i < e->n && code == CTL_OK && !out_is_dead(&e->view.ctl->out);
	     i += STORE_ACCOUNTS_BATCH)
		code = batch_write(
		    e, i, e->n - i < STORE_ACCOUNTS_BATCH ? e->n - i : STORE_ACCOUNTS_BATCH);
	if (code != CTL_OK)
		return code; /* without its end: nobody takes it for all of it */
	(void)fputs(e->written > 0 ? "\n]" : "]", to);
	shared_write(e);
	(void)fputs("}\n", to);
	return e->code;
}

int
account_export_command(struct ctl *ctl)
{
	struct exporting e = {.code = CTL_OK};
	int code = account_view_init(&e.view, ctl);

	arena_init(&e.arena, 65536, BATCH_BYTES);
	if (code == CTL_OK)
		code = account_view_keys(&e.view);
	if (code == CTL_OK)
		code = names_find(&e);
	if (code == CTL_OK)
		code = export_all(&e);
	arena_fini(&e.arena);
	account_view_fini(&e.view);
	return code;
}
