/*
 * account_keys.c - see account_keys.h.
 */
#include "account_keys.h"

#include <stdlib.h>

static int
no_room(struct err *err)
{
	return err_set(err, ERR_LIMIT, "the map of accounts is larger than there is memory for");
}

int
account_key_canon(struct slice key, struct arena *a, struct slice *key_r, struct err *err)
{
	char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES];
	struct buf out = BUF_OVER(storage);
	struct err why;

	if (account_map_key_format(key, &out, &why) != 0)
		return err_set(
		    err, why.code, "\"%.*s\": %s", SLICE_ARG(slice_head(key, 80)), why.text);
	*key_r = arena_copy(a, buf_slice(&out));
	return key_r->p == NULL ? no_room(err) : 0;
}

/* --- reading --- */

/* The accounts of a value; 0, or -1 with the reason. */
static int
names_read(
    struct slice value, struct slice names[ACCOUNT_CHOICES_MAX], size_t *n_r, struct err *err)
{
	struct slice rest = value;
	size_t n = 0;

	do {
		struct slice name = slice_head(rest, slice_find(rest, ','));

		rest = slice_from(rest, name.n + 1);
		if (n == ACCOUNT_CHOICES_MAX)
			return err_set(err, ERR_LIMIT, "more than %d accounts for one key",
			    ACCOUNT_CHOICES_MAX);
		names[n] = slice_trim(name);
		if (account_name_check(names[n++], err) != 0)
			return -1;
	} while (rest.n > 0);
	*n_r = n;
	return 0;
}

static int
entry_read(
    struct account_entry *entry, const struct account_pair *pair, struct arena *a, struct err *err)
{
	struct slice names[ACCOUNT_CHOICES_MAX], *v;

	*entry = (struct account_entry){.pair = *pair};
	if (account_key_canon(pair->key, a, &entry->key, err) != 0 ||
	    names_read(pair->value, names, &entry->n, err) != 0)
		return -1;
	v = arena_alloc(a, entry->n * sizeof(*v));
	if (v == NULL)
		return -1;
	memcpy(v, names, entry->n * sizeof(*v));
	entry->names = v;
	return 0;
}

/* Of one key in two ways of writing the first is in force: see account_choice_compare(). */
static int
entry_order(const void *left, const void *right)
{
	const struct account_entry *a = left;
	const struct account_entry *b = right;
	int order = slice_compare(a->key, b->key);

	for (size_t i = 0; i < a->n && i < b->n && order == 0; i++)
		order = slice_compare(a->names[i], b->names[i]);
	if (order != 0)
		return order;
	return a->n < b->n ? -1 : a->n > b->n;
}

static int
use_order(const void *left, const void *right)
{
	const struct account_use *a = left;
	const struct account_use *b = right;
	int order = slice_compare(a->account, b->account);

	return order != 0 ? order : slice_compare(a->entry->key, b->entry->key);
}

static int
uses_collect(struct account_keys *keys, struct arena *a)
{
	size_t n = 0;

	for (size_t i = 0; i < keys->n; i++)
		n += keys->v[i].n;
	keys->uses = arena_alloc(a, (n + 1) * sizeof(*keys->uses));
	if (keys->uses == NULL)
		return -1;
	for (size_t i = 0; i < keys->n; i++) {
		for (size_t j = 0; j < keys->v[i].n; j++)
			keys->uses[keys->nuses++] = (struct account_use){
			    keys->v[i].names[j], &keys->v[i]};
	}
	if (n > 1)
		qsort(keys->uses, n, sizeof(*keys->uses), use_order);
	keys->nuses = 0;
	for (size_t i = 0; i < n; i++) {
		/* a key that is written in two ways is there once */
		if (keys->nuses == 0 ||
		    use_order(&keys->uses[keys->nuses - 1], &keys->uses[i]) != 0)
			keys->uses[keys->nuses++] = keys->uses[i];
	}
	return 0;
}

int
account_keys_read(
    struct account_keys *keys_r, const struct account_pair *pairs, size_t n, struct arena *a)
{
	struct account_keys keys = {.n = 0};

	keys.v = arena_alloc(a, (n + 1) * sizeof(*keys.v));
	keys.odd = arena_alloc(a, (n + 1) * sizeof(*keys.odd));
	if (keys.v == NULL || keys.odd == NULL)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct err why = {ERR_NONE, ""};

		if (entry_read(&keys.v[keys.n], &pairs[i], a, &why) == 0)
			keys.n++;
		else
			keys.odd[keys.nodd++] = (struct account_odd){
			    pairs[i], arena_text(a, slice_of(why.text))};
	}
	if (a->failed)
		return -1;
	if (keys.n > 1)
		qsort(keys.v, keys.n, sizeof(*keys.v), entry_order);
	*keys_r = keys;
	return uses_collect(keys_r, a);
}

/* --- looking up --- */

const struct account_use *
account_keys_of(const struct account_keys *keys, struct slice account, size_t *n_r)
{
	size_t from = 0, to = keys->nuses, n = 0;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (slice_compare(keys->uses[middle].account, account) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	while (from + n < keys->nuses && slice_eq(keys->uses[from + n].account, account))
		n++;
	*n_r = n;
	return keys->uses + from;
}

const struct account_entry *
account_keys_find(const struct account_keys *keys, struct slice key)
{
	size_t from = 0, to = keys->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (slice_compare(keys->v[middle].key, key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < keys->n && slice_eq(keys->v[from].key, key) ? &keys->v[from] : NULL;
}

bool
account_entry_has(const struct account_entry *entry, struct slice account)
{
	for (size_t i = 0; i < entry->n; i++) {
		if (slice_eq(entry->names[i], account))
			return true;
	}
	return false;
}

/* --- editing --- */

struct editing {
	const struct account_keys *keys;
	struct arena *arena;
	struct account_pair *pairs;
	size_t n, room;
	/* of the key at hand; one that is written in several ways may have more than it should */
	struct slice names[2 * ACCOUNT_CHOICES_MAX];
	size_t nnames;
};

static int
edit_order(const void *left, const void *right)
{
	const struct account_keys_edit *a = left;
	const struct account_keys_edit *b = right;
	int order = slice_compare(a->key, b->key);

	if (order != 0)
		return order;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void
name_remove(struct editing *e, struct slice name)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->nnames; i++) {
		if (!slice_eq(e->names[i], name))
			e->names[kept++] = e->names[i];
	}
	e->nnames = kept;
}

static int
name_add(struct editing *e, const struct account_keys_edit *edit, struct err *err)
{
	for (size_t i = 0; i < e->nnames; i++) {
		if (slice_eq(e->names[i], edit->account))
			return 0;
	}
	if (e->nnames >= ACCOUNT_CHOICES_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: it would have more than %d accounts",
		    SLICE_ARG(slice_head(edit->key, 100)), ACCOUNT_CHOICES_MAX);
	e->names[e->nnames++] = edit->account;
	return 0;
}

static int
pair_put(struct editing *e, struct slice key, struct slice value, struct err *err)
{
	if (e->n == e->room)
		return err_set(err, ERR_LIMIT, "one key is written in too many ways");
	e->pairs[e->n++] = (struct account_pair){key, value};
	return 0;
}

/* The value from now on, unless it is what stands there. */
static int
key_finish(struct editing *e, struct slice key, const struct account_entry *entry, struct err *err)
{
	char storage[2 * ACCOUNT_CHOICE_BYTES];
	struct buf value = BUF_OVER(storage);
	const struct account_entry *end = e->keys->v + e->keys->n;
	bool stands = false;

	for (size_t i = 0; i < e->nnames; i++) {
		buf_add_text(&value, i > 0 ? "," : "");
		buf_add(&value, e->names[i]);
	}
	for (; entry != NULL && entry < end && slice_eq(entry->key, key); entry++) {
		if (slice_eq(entry->pair.key, key) && value.n > 0) {
			stands = slice_eq(entry->pair.value, buf_slice(&value));
			continue;
		}
		/* another way of writing it, or all of it */
		if (pair_put(e, entry->pair.key, slice_make("", 0), err) != 0)
			return -1;
	}
	if (stands || value.n == 0)
		return 0;
	return pair_put(e, key, arena_copy(e->arena, buf_slice(&value)), err);
}

/* The edits of one key; how many they are, or 0 with the reason. */
static size_t
key_edit(struct editing *e, const struct account_keys_edit *edits, size_t n, struct err *err)
{
	struct slice key = edits[0].key;
	const struct account_entry *entry = account_keys_find(e->keys, key);
	size_t i;

	e->nnames = 0;
	if (entry != NULL) {
		memcpy(e->names, entry->names, entry->n * sizeof(*e->names));
		e->nnames = entry->n;
	}
	for (i = 0; i < n && slice_eq(edits[i].key, key); i++) {
		if (!edits[i].add)
			name_remove(e, edits[i].account);
		else if (name_add(e, &edits[i], err) != 0)
			return 0;
	}
	return key_finish(e, key, entry, err) == 0 ? i : 0;
}

int
account_keys_edit(const struct account_keys *keys, struct account_keys_edit *edits, size_t n,
    struct arena *a, struct account_pair **pairs_r, size_t *n_r, struct err *err)
{
	struct editing e = {.keys = keys, .arena = a, .room = n + keys->n + 1};

	e.pairs = arena_alloc(a, e.room * sizeof(*e.pairs));
	if (e.pairs == NULL)
		return no_room(err);
	for (size_t i = 0; i < n; i++)
		edits[i].order = i;
	if (n > 1)
		qsort(edits, n, sizeof(*edits), edit_order);
	for (size_t i = 0; i < n;) {
		size_t done = key_edit(&e, edits + i, n - i, err);

		if (done == 0)
			return -1;
		i += done;
	}
	if (a->failed)
		return no_room(err);
	*pairs_r = e.pairs;
	*n_r = e.n;
	return 0;
}
