/*
 * fake_store.h - the in-process store with a switch: down, it fails as Redis does when it is away.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "policy/ports.h"

/* A store over store_memory with that clock; NULL when there is no memory. */
struct store *fake_store_new(const struct clock_port *clock);
void fake_store_free(struct store *store);

/* While down, grey_step fails at once with ERR_UNAVAILABLE. */
void fake_store_set_down(struct store *store, bool down);

/* 0, or -1 when the entry is none for that list. */
int fake_store_list_add(struct store *store, enum store_list list, const char *entry);

/* The counter, summed over all hours. */
int64_t fake_store_stat(struct store *store, unsigned stat);

/* The decision record kept last, until the next one; NULL: none so far. And how many there were. */
const struct record *fake_store_record(struct store *store);
size_t fake_store_records(struct store *store);

#endif
