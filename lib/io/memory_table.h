/*
 * memory_table.h - a bounded hash table of small records under text keys; the record that was
 * unused for longest makes room for a new one. For one thread at a time.
 */
#ifndef IO_MEMORY_TABLE_H
#define IO_MEMORY_TABLE_H

#include "base/slice.h"
#include "policy/grey.h"
#include "policy/limit.h"

/* What a key stands for; its name says which. */
union memory_record {
	struct grey_tuple tuple;
	struct grey_known known;
	struct limit_bucket bucket;
	struct limit_warmth warmth;
	int64_t until_s;
};

struct memory_entry;

struct memory_table {
	struct memory_entry **buckets; /* NULL until the first record */
	size_t capacity;
	size_t n;
	size_t mask;
	uint64_t secret[2]; /* of the hash: strangers choose the keys */
	struct memory_entry *newest, *oldest;
};

/* Allocates nothing yet. capacity > 0. */
void memory_table_init(struct memory_table *table, size_t capacity, const uint64_t secret[2]);
void memory_table_fini(struct memory_table *table);

/* The record, which is now the newest, or NULL. Valid until the next call. */
union memory_record *memory_table_find(struct memory_table *table, struct slice key);

/* The same, made (all 0) when it is not there; NULL when memory is out. */
union memory_record *memory_table_make(struct memory_table *table, struct slice key);

#endif
