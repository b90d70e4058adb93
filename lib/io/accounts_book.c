/*
 * accounts_book.c - the map and the accounts built of what Redis has: what the next edition of the
 * book is made of.
 */
#include "io/accounts_parts.h"

#include <stdlib.h>

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for the accounts");
}

/* --- the map --- */

static int
name_compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The accounts that are to be read from Redis: those that the map names, and the default one. */
static int
names_collect(struct accounts_port *p, struct accounts_index *index)
{
	const char *fallback = p->setup.conf.default_account;
	size_t n = 0;

	index->names = arena_alloc(
	    &index->arena, (index->map.naccounts + 1) * sizeof(*index->names));
	if (index->names == NULL)
		return -1;
	for (size_t i = 0; i < index->map.naccounts; i++) {
		const char *name = index->map.accounts[i].name;

		if (!accounts_conf_has(p, name) &&
		    (fallback == NULL || strcmp(name, fallback) != 0))
			index->names[n++] = name;
	}
	if (fallback != NULL && fallback[0] != '\0' && !accounts_conf_has(p, fallback))
		index->names[n++] = fallback;
	qsort(index->names, n, sizeof(*index->names), name_compare);
	index->n = n < ACCOUNTS_MAX ? n : ACCOUNTS_MAX;
	if (index->n < n)
		accounts_warn(p, ACCOUNTS_WARN_MANY,
		    "the map names %zu accounts; only the first %d are read", n, ACCOUNTS_MAX);
	else
		accounts_warn_over(p, ACCOUNTS_WARN_MANY);
	return 0;
}

static int
index_build(struct accounts_port *p, struct accounts_index *index)
{
	struct account_pairs_source from = {
	    p->conf, p->setup.conf.n, index->pairs->v, index->pairs->n};
	struct account_problems problems = {.n = 0};
	size_t room = accounts_map_room(p), n;
	struct account_pair *pairs;

	if (from.nredis > room) /* more than under the configuration before */
		from.nredis = room;
	if (account_book_pairs(&from, &index->arena, &pairs, &n) != 0 ||
	    account_map_build(&index->map, pairs, n, &index->arena, &problems) != 0 ||
	    names_collect(p, index) != 0)
		return -1;
	index->problems = accounts_tell(p, "", &problems, p->map_problems);
	p->map_problems = index->problems;
	return 0;
}

void
accounts_index_unref(struct accounts_index *index)
{
	if (index == NULL || --index->refs > 0)
		return;
	accounts_pairs_unref(index->pairs);
	arena_fini(&index->arena);
	free(index);
}

/* --- accounts --- */

void
account_entry_unref(struct account_entry *entry)
{
	if (entry == NULL || --entry->refs > 0)
		return;
	account_raw_unref(entry->raw);
	arena_fini(&entry->arena);
	free(entry);
}

static size_t
entry_bytes(const struct account_entry *entry)
{
	return entry == NULL ? 0 : sizeof(*entry) + entry->raw->bytes + entry->arena.used_bytes;
}

/* Takes over entry, or NULL. */
static void
slot_put(struct accounts_port *p, struct accounts_slot *slot, struct account_entry *entry)
{
	p->bytes = p->bytes - entry_bytes(slot->entry) + entry_bytes(entry);
	account_entry_unref(slot->entry);
	slot->entry = entry;
	p->changed = true;
}

/* Builds the account and puts it, or tells why that cannot be. told: the digest of problems that
 * were told of this very hash. */
static void
slot_build(
    struct accounts_port *p, struct accounts_slot *slot, struct account_entry *entry, uint64_t told)
{
	const struct account_source source = {
	    &p->defaults, slice_of(slot->name), entry->raw->fields, entry->raw->n};
	struct account_problems problems = {.n = 0};
	struct err why;

	if (account_build(&entry->account, &source, &entry->arena, &problems, &why) != 0) {
		accounts_tell_fault(p, slot, why.text);
	} else if (p->bytes - entry_bytes(slot->entry) + entry_bytes(entry) > ACCOUNTS_BYTES) {
		accounts_tell_fault(p, slot, "no room: all accounts together are too large");
	} else {
		entry->problems = accounts_tell(p, slot->name, &problems, told);
		slot->fault = 0;
		slot_put(p, slot, entry);
		return;
	}
	account_entry_unref(entry);
}

static struct account_entry *
entry_new(struct account_raw *raw, struct err *err)
{
	struct account_entry *entry = calloc(1, sizeof(*entry));

	if (entry == NULL) {
		account_raw_unref(raw);
		(void)no_memory(err);
		return NULL;
	}
	entry->refs = 1;
	entry->raw = raw;
	arena_init(&entry->arena, 256, ACCOUNT_ARENA_BYTES);
	return entry;
}

int
accounts_slot_set(
    struct accounts_port *p, struct accounts_slot *slot, struct account_raw *raw, struct err *err)
{
	struct account_entry *entry;

	slot->missing = slot->too_long = false;
	if (slot->entry != NULL && account_raw_same(slot->entry->raw, raw)) {
		account_raw_unref(raw);
		slot->fault = 0;
		return 0;
	}
	entry = entry_new(raw, err);
	if (entry == NULL)
		return -1;
	slot_build(p, slot, entry, 0);
	return 0;
}

int
accounts_slot_inherit(struct accounts_port *p, struct accounts_slot *slot,
    const struct account_entry *from, struct err *err)
{
	struct account_entry *entry;

	(void)atomic_fetch_add(&from->raw->refs, 1);
	entry = entry_new(from->raw, err);
	if (entry == NULL)
		return -1;
	slot_build(p, slot, entry, from->problems);
	return 0;
}

void
accounts_slot_clear(struct accounts_port *p, struct accounts_slot *slot)
{
	slot->missing = true;
	slot->too_long = false;
	if (slot->entry != NULL)
		slot_put(p, slot, NULL);
}

/* --- slots --- */

struct accounts_slot *
accounts_slot_find(struct accounts_port *p, struct slice name)
{
	size_t from = 0, to = p->nslots;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = slice_compare(name, slice_of(p->slots[middle].name));

		if (order == 0)
			return &p->slots[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

/* Moves what stays into the new slots, and lets go of the rest. Both are sorted. */
static void
slots_move(struct accounts_port *p, struct accounts_slot *slots, const struct accounts_index *index)
{
	size_t k = 0;

	p->nwanted = 0;
	for (size_t i = 0; i < index->n; i++) {
		for (; k < p->nslots && strcmp(p->slots[k].name, index->names[i]) < 0; k++)
			slot_put(p, &p->slots[k], NULL);
		if (k < p->nslots && strcmp(p->slots[k].name, index->names[i]) == 0)
			slots[i] = p->slots[k++];
		else
			slots[i].wanted = true;
		slots[i].name = index->names[i];
		p->nwanted += slots[i].wanted;
	}
	for (; k < p->nslots; k++)
		slot_put(p, &p->slots[k], NULL);
}

int
accounts_index_set(struct accounts_port *p, struct accounts_pairs *pairs, struct err *err)
{
	struct accounts_index *index = calloc(1, sizeof(*index));
	struct accounts_slot *slots = NULL;

	if (index == NULL) {
		accounts_pairs_unref(pairs);
		return no_memory(err);
	}
	index->refs = 1;
	index->pairs = pairs;
	arena_init(&index->arena, 4096, ACCOUNTS_MAP_BYTES);
	if (index_build(p, index) == 0)
		slots = calloc(index->n + 1, sizeof(*slots));
	if (slots == NULL) {
		accounts_index_unref(index);
		return no_memory(err);
	}
	slots_move(p, slots, index);
	free(p->slots);
	p->slots = slots;
	p->nslots = index->n;
	accounts_index_unref(p->index);
	p->index = index;
	p->changed = true;
	return 0;
}

void
accounts_slots_free(struct accounts_port *p)
{
	for (size_t i = 0; i < p->nslots; i++)
		account_entry_unref(p->slots[i].entry);
	free(p->slots);
	accounts_index_unref(p->index);
}
