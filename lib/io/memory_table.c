/*
 * memory_table.c - see memory_table.h.
 */
#include "io/memory_table.h"

#include "base/siphash.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

struct memory_entry {
	struct memory_entry *chain; /* next in its bucket */
	struct memory_entry *newer, *older;
	union memory_record record;
	uint64_t hash;
	size_t n;
	char key[];
};

void
memory_table_init(struct memory_table *table, size_t capacity, const uint64_t secret[2])
{
	assert(capacity > 0);
	*table = (struct memory_table){
	    .capacity = capacity, .mask = 1, .secret = {secret[0], secret[1]}};
	while (table->mask < capacity)
		table->mask *= 2;
	table->mask--;
}

void
memory_table_fini(struct memory_table *table)
{
	struct memory_entry *entry = table->newest;

	while (entry != NULL) {
		struct memory_entry *older = entry->older;

		free(entry);
		entry = older;
	}
	free(table->buckets);
}

/* The place that points to the entry of that key, or to NULL at the end of its bucket. */
static struct memory_entry **
place_find(const struct memory_table *table, struct slice key, uint64_t hash)
{
	struct memory_entry **place = &table->buckets[hash & table->mask];

	while (*place != NULL &&
	       ((*place)->hash != hash || !slice_eq(slice_make((*place)->key, (*place)->n), key)))
		place = &(*place)->chain;
	return place;
}

static void
age_unlink(struct memory_table *table, struct memory_entry *entry)
{
	*(entry->newer == NULL ? &table->newest : &entry->newer->older) = entry->older;
	*(entry->older == NULL ? &table->oldest : &entry->older->newer) = entry->newer;
}

static void
age_link_newest(struct memory_table *table, struct memory_entry *entry)
{
	entry->newer = NULL;
	entry->older = table->newest;
	*(table->newest == NULL ? &table->oldest : &table->newest->newer) = entry;
	table->newest = entry;
}

static void
oldest_drop(struct memory_table *table)
{
	struct memory_entry *entry = table->oldest;
	struct memory_entry **place = place_find(
	    table, slice_make(entry->key, entry->n), entry->hash);

	*place = entry->chain;
	age_unlink(table, entry);
	free(entry);
	table->n--;
}

union memory_record *
memory_table_find(struct memory_table *table, struct slice key)
{
	struct memory_entry *entry;

	if (table->buckets == NULL)
		return NULL;
	entry = *place_find(table, key, siphash(table->secret, key));
	if (entry == NULL)
		return NULL;
	age_unlink(table, entry);
	age_link_newest(table, entry);
	return &entry->record;
}

union memory_record *
memory_table_make(struct memory_table *table, struct slice key)
{
	union memory_record *found = memory_table_find(table, key);
	struct memory_entry *entry;
	struct memory_entry **bucket;

	if (found != NULL)
		return found;
	/* a large calloc() is pages that exist once they are touched */
	if (table->buckets == NULL)
		table->buckets = calloc(table->mask + 1, sizeof(struct memory_entry *));
	if (table->buckets == NULL)
		return NULL;
	if (table->n == table->capacity)
		oldest_drop(table);
	entry = calloc(1, sizeof(*entry) + key.n);
	if (entry == NULL)
		return NULL;
	memcpy(entry->key, key.p, key.n);
	entry->n = key.n;
	entry->hash = siphash(table->secret, key);
	bucket = &table->buckets[entry->hash & table->mask];
	entry->chain = *bucket;
	*bucket = entry;
	age_link_newest(table, entry);
	table->n++;
	return &entry->record;
}
