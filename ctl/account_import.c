/*
 * account_import.c - `account import`: a file of accounts is checked as a whole, compared with what
 * Redis has, and then written. An account of the file becomes what the file says: options and keys
 * that it does not name go. Others stay.
 */
#include "account.h"

#include "account_conf.h"
#include "account_json.h"
#include "account_write.h"
#include "io/accounts.h"
#include "table.h"

#include <stdlib.h>

/* What a person reads of what is wrong. */
#define COMPLAINTS_MAX 50

#define SCRATCH_BYTES ((size_t)256 * 1024 * 1024)

enum state { STATE_SAME, STATE_CREATED, STATE_CHANGED, STATE_WRONG, STATES };

static const char *const state_names[STATES] = {"same", "created", "changed", "wrong"};

struct item {
	struct account_given given;
	enum state state;
};

struct import {
	struct account_view view;
	struct arena scratch;
	json_t *file;
	struct item *v; /* in the order of the file, later by name */
	size_t n;
	size_t complaints;
	size_t count[STATES];
	struct account_keys_edit *edits;
	size_t nedits, room;
	size_t keys_changed;
};

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account"},
    {.title = "STATE", .key = "state"},
    {.title = "OPTIONS", .key = "options", .right = true},
    {.title = "KEYS", .key = "keys", .right = true},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* --- reading --- */

/* "accounts[3] (shop): opens: …" */
static void
complain(void *arg, const struct account_given *given, const char *text)
{
	struct import *im = arg;

	if (im->complaints++ < COMPLAINTS_MAX)
		(void)ctl_fail(0, "accounts[%zu] (%.*s): %s", given->place,
		    SLICE_ARG(slice_head(given->name, 40)), text);
}

static int
items_read(struct import *im)
{
	const struct account_complaints complaints = {im, complain};
	struct account_edit edit = {
	    .arena = &im->view.arena, .scratch = &im->scratch, .defaults = im->view.defaults};

	im->n = json_array_size(json_object_get(im->file, "accounts"));
	if (im->n > ACCOUNTS_MAX)
		return ctl_fail(
		    EX_USAGE, "%zu accounts; gatepostd reads at most %d", im->n, ACCOUNTS_MAX);
	im->v = arena_alloc(&im->view.arena, (im->n + 1) * sizeof(*im->v));
	for (size_t i = 0; im->v != NULL && i < im->n; i++) {
		arena_reset(&im->scratch);
		if (account_json_read(im->file, i, &edit, &complaints, &im->v[i].given) != 0)
			im->v[i].state = STATE_WRONG;
	}
	return im->v == NULL || im->view.arena.failed ? account_no_memory() : CTL_OK;
}

static int
item_order(const void *left, const void *right)
{
	const struct item *a = left;
	const struct item *b = right;
	int order = slice_compare(a->given.name, b->given.name);

	if (order != 0)
		return order;
	return a->given.place < b->given.place ? -1 : 1;
}

static void
item_spoil(struct import *im, struct item *item, const char *text)
{
	complain(im, &item->given, text);
	item->state = STATE_WRONG;
}

/* What is wrong only in view of the others, and of milter.conf. */
static void
items_compare(struct import *im)
{
	if (im->n > 1)
		qsort(im->v, im->n, sizeof(*im->v), item_order);
	for (size_t i = 0; i < im->n; i++) {
		struct item *item = &im->v[i];
		char storage[ERR_TEXT_BYTES];
		struct buf text = BUF_OVER(storage);
		size_t index;

		if (i > 0 && slice_eq(item->given.name, im->v[i - 1].given.name) &&
		    item->given.name.n > 0)
			item_spoil(
			    im, item, "there is an account of that name in the file already");
		if (account_conf_find(im->view.conf, item->given.name, &index) == NULL)
			continue;
		buf_add_format(&text, "it stands in %.150s, line %u: change it there",
		    im->view.ctl->conf_path, account_conf_line(im->view.conf, index));
		item_spoil(im, item, buf_text(&text));
	}
}

static int
wrong_check(const struct import *im)
{
	if (im->complaints > COMPLAINTS_MAX)
		(void)ctl_fail(0, "and %zu more", im->complaints - COMPLAINTS_MAX);
	if (im->complaints == 0 || im->view.ctl->args.value[ARG_SKIP_WRONG] != NULL)
		return CTL_OK;
	return ctl_fail(EX_USAGE,
	    "nothing was written; --skip-wrong leaves out the accounts with something wrong");
}

/* --- comparing with Redis --- */

static bool
fields_eq(const struct account_given *given, const struct store_account *store)
{
	if (given->n != store->n)
		return false;
	for (size_t i = 0; i < given->n; i++) {
		if (!slice_eq(given->fields[i].name, store->fields[i].name) ||
		    !slice_eq(given->fields[i].value, store->fields[i].value))
			return false;
	}
	return true;
}

static bool
key_is_wanted(const struct account_given *given, struct slice key)
{
	size_t from = 0, to = given->nkeys;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = slice_compare(given->keys[middle], key);

		if (order == 0)
			return true;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}

static void
edit_put(struct import *im, struct slice key, struct slice account, bool add)
{
	if (im->nedits < im->room)
		im->edits[im->nedits] = (struct account_keys_edit){
		    .key = key, .account = account, .add = add};
	im->nedits++;
}

/* Keys that it loses and gets; true when there are any. */
static bool
keys_compare(struct import *im, const struct account_given *given)
{
	size_t before = im->nedits, n;
	const struct account_use *uses = account_keys_of(&im->view.keys, given->name, &n);

	for (size_t i = 0; i < n; i++) {
		if (!key_is_wanted(given, uses[i].entry->key))
			edit_put(im, uses[i].entry->key, given->name, false);
	}
	for (size_t i = 0; i < given->nkeys; i++) {
		const struct account_entry *entry = account_keys_find(
		    &im->view.keys, given->keys[i]);

		if (entry == NULL || !account_entry_has(entry, given->name))
			edit_put(im, given->keys[i], given->name, true);
	}
	return im->nedits > before;
}

/* By name; NULL: it is not in the file, or wrong. */
static const struct item *
item_find(const struct import *im, struct slice name)
{
	struct item wanted = {.given = {.name = name, .place = 0}};
	size_t from = 0, to = im->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (item_order(&im->v[middle], &wanted) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == im->n || !slice_eq(im->v[from].given.name, name) ||
	    im->v[from].state == STATE_WRONG)
		return NULL;
	return &im->v[from];
}

/* Whoever has the key in the end goes behind the others, in this order. */
static void
shared_order(struct import *im, struct slice key, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const json_t *name = json_array_get(names, i);
		struct slice account = {json_string_value(name), json_string_length(name)};
		const struct item *item = item_find(im, account);
		const struct account_entry *entry = account_keys_find(&im->view.keys, key);
		bool has = item != NULL ? key_is_wanted(&item->given, key)
					: entry != NULL && account_entry_has(entry, account);

		if (!has)
			continue;
		edit_put(im, key, account, false);
		edit_put(im, key, account, true);
	}
}

static void
shared_read(struct import *im)
{
	json_t *shared = json_object_get(im->file, "shared");

	for (void *at = json_object_iter(shared); at != NULL;
	     at = json_object_iter_next(shared, at)) {
		struct slice key;
		struct err err;

		if (account_key_canon(
			slice_of(json_object_iter_key(at)), &im->view.arena, &key, &err) == 0)
			shared_order(im, key, json_object_iter_value(at));
		else if (im->edits != NULL) /* once */
			(void)ctl_fail(0, "shared: %s; it is passed over", err.text);
	}
}

/* All edits: counted first, then kept. */
static void
edits_collect(struct import *im)
{
	im->nedits = 0;
	for (size_t i = 0; i < im->n; i++) {
		struct item *item = &im->v[i];

		if (item->state == STATE_WRONG)
			continue;
		if (keys_compare(im, &item->given) && item->state == STATE_SAME)
			item->state = STATE_CHANGED;
	}
	shared_read(im);
}

static int
batch_compare(struct import *im, size_t from, size_t n, struct err *err)
{
	struct store_account v[STORE_ACCOUNTS_BATCH];
	struct item *items[STORE_ACCOUNTS_BATCH];
	size_t asked = 0;

	arena_reset(&im->scratch);
	for (size_t i = from; i < from + n; i++) {
		if (im->v[i].state == STATE_WRONG)
			continue;
		items[asked] = &im->v[i];
		v[asked++] = (struct store_account){.name = im->v[i].given.name};
	}
	if (store_admin_accounts(im->view.admin, v, asked, &im->scratch, err) != 0)
		return -1;
	for (size_t i = 0; i < asked; i++) {
		if (!v[i].exists)
			items[i]->state = STATE_CREATED;
		else if (v[i].odd || !fields_eq(&items[i]->given, &v[i]))
			items[i]->state = STATE_CHANGED;
	}
	return 0;
}

static int
compare(struct import *im)
{
	struct account_pair *pairs;
	struct err err;
	size_t n;

	for (size_t i = 0; i < im->n; i += STORE_ACCOUNTS_BATCH) {
		n = im->n - i < STORE_ACCOUNTS_BATCH ? im->n - i : STORE_ACCOUNTS_BATCH;
		if (batch_compare(im, i, n, &err) != 0)
			return account_failed(&err);
	}
	edits_collect(im);
	im->room = im->nedits;
	im->edits = arena_alloc(&im->view.arena, (im->room + 1) * sizeof(*im->edits));
	if (im->edits == NULL)
		return account_no_memory();
	edits_collect(im);
	if (account_keys_edit(&im->view.keys, im->edits, im->nedits, &im->view.arena, &pairs,
		&im->keys_changed, &err) != 0)
		return ctl_fail(EX_USAGE, "%s; nothing was written", err.text);
	for (size_t i = 0; i < im->n; i++)
		im->count[im->v[i].state]++;
	return CTL_OK;
}

/* --- writing --- */

static int
accounts_write(struct import *im, struct err *err)
{
	struct store_account_change *changes;
	size_t n = 0;

	changes = arena_alloc(&im->view.arena, (im->n + 1) * sizeof(*changes));
	if (changes == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory left");
	for (size_t i = 0; i < im->n; i++) {
		const struct account_given *given = &im->v[i].given;

		if (im->v[i].state == STATE_CREATED || im->v[i].state == STATE_CHANGED)
			changes[n++] = (struct store_account_change){
			    given->name, given->fields, given->n, false};
	}
	return store_admin_accounts_write(im->view.admin, changes, n, err);
}

static int
write_all(struct import *im)
{
	struct err err;

	if (im->view.ctl->args.value[ARG_DRY_RUN] != NULL)
		return CTL_OK;
	if (accounts_write(im, &err) != 1)
		return ctl_fail(EX_UNAVAILABLE,
		    "%s; some accounts may be written, no key is: import the file again", err.text);
	return account_keys_write(&im->view, im->edits, im->nedits, &im->keys_changed);
}

/* --- telling --- */

/* What one option lacks of another, as far as a person reads. */
static void
problems_tell(struct import *im)
{
	size_t told = 0, left = 0;

	for (size_t i = 0; i < im->n; i++) {
		struct account_seen seen = {.name = im->v[i].given.name};
		struct err err;

		if (im->v[i].state == STATE_WRONG || im->v[i].state == STATE_SAME)
			continue;
		arena_reset(&im->scratch);
		seen.store.fields = im->v[i].given.fields;
		seen.store.n = im->v[i].given.n;
		if (account_seen_build(&im->view, &seen, &im->scratch, &err) != 0 ||
		    seen.problems.n == 0)
			continue;
		if (told++ < COMPLAINTS_MAX)
			account_problems_tell(seen.name, &seen.problems);
		else
			left++;
	}
	if (left > 0)
		(void)ctl_fail(0, "and as much about %zu more accounts", left);
}

static void
closing_tell(struct import *im)
{
	struct out *out = &im->view.ctl->out;
	char storage[256];
	struct buf text = BUF_OVER(storage);

	buf_add_format(&text, "%zu created, %zu changed, %zu the same", im->count[STATE_CREATED],
	    im->count[STATE_CHANGED], im->count[STATE_SAME]);
	if (im->count[STATE_WRONG] > 0)
		buf_add_format(&text, ", %zu wrong and left out", im->count[STATE_WRONG]);
	buf_add_text(&text, "; ");
	account_count_format(&text, im->keys_changed, "key", "keys");
	buf_add_text(&text, " changed");
	if (im->view.ctl->args.value[ARG_DRY_RUN] != NULL)
		buf_add_text(&text, "; but for --dry-run: nothing was written");
	out_print(out, OUT_DIM, "%s\n", buf_text(&text));
}

static void
tell(struct import *im)
{
	struct out *out = &im->view.ctl->out;
	struct table t;

	table_begin(&t, out, columns, COLUMNS);
	for (size_t i = 0; i < im->n; i++) {
		enum state state = im->v[i].state;

		if (out->form == OUT_TERMINAL && state == STATE_SAME)
			continue;
		table_text(&t, OUT_BOLD, im->v[i].given.name);
		table_words(&t,
		    state == STATE_WRONG  ? OUT_BAD
		    : state == STATE_SAME ? OUT_DIM
					  : OUT_NORMAL,
		    state_names[state]);
		table_number(&t, OUT_NORMAL, (int64_t)im->v[i].given.n);
		table_number(&t, OUT_NORMAL, (int64_t)im->v[i].given.nkeys);
		table_row(&t);
	}
	table_end(&t);
	if (out->form == OUT_TERMINAL)
		closing_tell(im);
	problems_tell(im);
}

/* --- the command --- */

static int
import_file(struct import *im)
{
	int code = items_read(im);

	if (code != CTL_OK)
		return code;
	items_compare(im);
	code = wrong_check(im);
	if (code == CTL_OK)
		code = account_view_keys(&im->view);
	if (code == CTL_OK)
		code = compare(im);
	if (code == CTL_OK)
		code = write_all(im);
	if (code == CTL_OK)
		tell(im);
	return code;
}

int
account_import_command(struct ctl *ctl)
{
	struct import im = {.n = 0};
	struct err err;
	int code;

	im.file = account_json_load(ctl->operands > 0 ? ctl->operand[0] : NULL, &err);
	if (im.file == NULL || account_json_check(im.file, &err) != 0) {
		json_decref(im.file);
		return ctl_fail(EX_USAGE, "%s", err.text);
	}
	arena_init(&im.scratch, 65536, SCRATCH_BYTES);
	code = account_view_init(&im.view, ctl);
	if (code == CTL_OK)
		code = import_file(&im);
	arena_fini(&im.scratch);
	account_view_fini(&im.view);
	json_decref(im.file);
	return code;
}
