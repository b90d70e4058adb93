/*
 * fake_store.c - see fake_store.h.
 */
#include "fake_store.h"

#include "io/store_memory.h"

#include <stdlib.h>

#define CAPACITY    50000
#define ENTRIES_MAX 64
#define ENTRY_BYTES 128
#define HOURS_BACK  (400 * 24) /* as far as scenarios go */

struct fake_store {
	struct store ops; /* first */
	struct store *memory;
	const struct clock_port *clock;
	bool down;
	char entries[STORE_LISTS][ENTRIES_MAX][ENTRY_BYTES];
	size_t nentries[STORE_LISTS];
	struct record record; /* the last one; n = 0: none */
	size_t nrecords;
};

static struct fake_store *
fake_of(struct store *store)
{
	return (struct fake_store *)(void *)store;
}

static int
fake_grey_step(struct store *store, const struct grey_request *request, struct grey_step *step_r,
    struct err *err)
{
	struct store *memory = fake_of(store)->memory;

	if (fake_of(store)->down)
		return err_set(err, ERR_UNAVAILABLE, "the scenario says that the store is down");
	return memory->grey_step(memory, request, step_r, err);
}

static bool
fake_has_network(struct store *store, enum store_list list, const struct net_addr *addr)
{
	struct store *memory = fake_of(store)->memory;

	return memory->has_network(memory, list, addr);
}

static bool
fake_has_address(struct store *store, enum store_list list, const struct address *addr)
{
	struct store *memory = fake_of(store)->memory;

	return memory->has_address(memory, list, addr);
}

static bool
fake_has_name(struct store *store, enum store_list list, struct slice name)
{
	struct store *memory = fake_of(store)->memory;

	return memory->has_name(memory, list, name);
}

static void
fake_note_zone(struct store *store, const struct dnsbl_note *note)
{
	struct store *memory = fake_of(store)->memory;

	memory->note_zone(memory, note);
}

static void
fake_met(
    struct store *store, const struct address *local, const struct address *remote, int64_t ttl_s)
{
	struct store *memory = fake_of(store)->memory;

	memory->met(memory, local, remote, ttl_s);
}

static void
fake_count(struct store *store, unsigned stat, int64_t unix_s, int64_t n)
{
	struct store *memory = fake_of(store)->memory;

	memory->count(memory, stat, unix_s, n);
}

static void
fake_record(struct store *store, const struct record *record, int64_t keep)
{
	struct fake_store *fake = fake_of(store);

	if (keep <= 0)
		return;
	record_init(&fake->record);
	for (size_t i = 0; i < record->n; i++)
		record_add(&fake->record, record->v[i].name, record->v[i].value);
	fake->nrecords++;
}

struct store *
fake_store_new(const struct clock_port *clock)
{
	struct fake_store *fake = calloc(1, sizeof(*fake));
	struct err err;

	if (fake == NULL)
		return NULL;
	fake->ops = (struct store){.grey_step = fake_grey_step,
	    .has_network = fake_has_network,
	    .has_address = fake_has_address,
	    .has_name = fake_has_name,
	    .met = fake_met,
	    .count = fake_count,
	    .note_zone = fake_note_zone,
	    .record = fake_record};
	fake->clock = clock;
	fake->memory = store_memory_new(CAPACITY, clock, &err);
	if (fake->memory == NULL) {
		free(fake);
		return NULL;
	}
	return &fake->ops;
}

void
fake_store_free(struct store *store)
{
	if (store == NULL)
		return;
	store_memory_free(fake_of(store)->memory);
	free(fake_of(store));
}

void
fake_store_set_down(struct store *store, bool down)
{
	fake_of(store)->down = down;
}

int
fake_store_list_add(struct store *store, enum store_list list, const char *entry)
{
	struct fake_store *fake = fake_of(store);
	struct slice members[ENTRIES_MAX];
	size_t n = fake->nentries[list];
	struct err err;

	if (n == ENTRIES_MAX || strlen(entry) >= ENTRY_BYTES)
		return -1;
	memcpy(fake->entries[list][n], entry, strlen(entry) + 1);
	fake->nentries[list] = ++n;
	for (size_t i = 0; i < n; i++)
		members[i] = slice_of(fake->entries[list][i]);
	return store_memory_set_list(fake->memory, list, members, n, &err) == 0 ? 0 : -1;
}

int64_t
fake_store_stat(struct store *store, unsigned stat)
{
	struct fake_store *fake = fake_of(store);
	int64_t now = fake->clock->now_s(fake->clock);
	int64_t sum = 0;

	for (int64_t hour = 0; hour < HOURS_BACK; hour++) {
		int64_t counts[STAT_COUNT];

		store_memory_counts(fake->memory, now - hour * 3600, counts);
		sum += counts[stat];
	}
	return sum;
}

const struct record *
fake_store_record(struct store *store)
{
	return fake_of(store)->record.n > 0 ? &fake_of(store)->record : NULL;
}

size_t
fake_store_records(struct store *store)
{
	return fake_of(store)->nrecords;
}
