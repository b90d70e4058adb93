/*
 * store_memory_grey.c - see store_memory_grey.h.
 */
#include "io/store_memory_grey.h"

#include "io/redis_key.h"

bool
memory_grey_met(struct memory_table *table, const struct grey_request *request, int64_t now)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	const union memory_record *met;

	if (request->met_local == NULL || request->met_remote == NULL)
		return false;
	redis_key_met(&key, "", request->met_local, request->met_remote);
	met = memory_table_find(table, buf_slice(&key));
	return met != NULL && now <= met->until_s;
}

/* Writes back what the step changed; a record that says nothing is not made. -1: no memory. */
static int
records_put(struct memory_table *table, struct slice tuple_key, const struct grey_tuple *tuple,
    struct slice known_key, const struct grey_known *known)
{
	union memory_record *record;

	if (tuple->tries > 0) {
		record = memory_table_make(table, tuple_key);
		if (record == NULL)
			return -1;
		record->tuple = *tuple;
	}
	if (known->passes > 0) {
		record = memory_table_make(table, known_key);
		if (record == NULL)
			return -1;
		record->known = *known;
	}
	return 0;
}

int
memory_grey_step(struct memory_table *table, const struct grey_request *request, int64_t now,
    struct grey_step *step_r)
{
	char tuple_storage[REDIS_KEY_BYTES], known_storage[REDIS_KEY_BYTES];
	struct buf tuple_key = BUF_OVER(tuple_storage);
	struct buf known_key = BUF_OVER(known_storage);
	struct grey_tuple tuple = {.tries = 0};
	struct grey_known known = {.passes = 0};
	const union memory_record *record;

	redis_key_grey(&tuple_key, "", request->key);
	redis_key_known(&known_key, "", request->key);
	record = memory_table_find(table, buf_slice(&tuple_key));
	if (record != NULL)
		tuple = record->tuple;
	record = memory_table_find(table, buf_slice(&known_key));
	if (record != NULL)
		known = record->known;
	*step_r = grey_advance(&tuple, &known, now, request->windows);
	return records_put(table, buf_slice(&tuple_key), &tuple, buf_slice(&known_key), &known);
}
