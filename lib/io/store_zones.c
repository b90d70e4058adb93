/*
 * store_zones.c - see store_zones.h.
 */
#include "io/store_zones.h"

void
store_zones_init(struct store_zones *zones)
{
	*zones = (struct store_zones){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void
store_zones_fini(struct store_zones *zones)
{
	(void)pthread_mutex_destroy(&zones->lock);
}

/* The place of that name, or zones->n. Under the lock. */
static size_t
place_find(const struct store_zones *zones, struct slice name)
{
	size_t i = 0;

	while (i < zones->n && !slice_eq(slice_of(zones->v[i].note.name), name))
		i++;
	return i;
}

/* A place for a new name, or STORE_ZONES_MAX. Under the lock. */
static size_t
place_make(struct store_zones *zones)
{
	size_t i = 0;

	if (zones->n < STORE_ZONES_MAX)
		return zones->n++;
	while (i < STORE_ZONES_MAX && zones->v[i].dirty)
		i++;
	return i;
}

static void
counts_add(struct dnsbl_counts *to, const struct dnsbl_counts *from)
{
	to->asked += from->asked;
	to->listed += from->listed;
	to->decided += from->decided;
	to->errors += from->errors;
	to->timeouts += from->timeouts;
}

void
store_zones_put(struct store_zones *zones, const struct dnsbl_note *note)
{
	struct dnsbl_note next = *note;
	size_t i;

	(void)pthread_mutex_lock(&zones->lock);
	i = place_find(zones, slice_of(note->name));
	if (i < zones->n) {
		if (note->state == NULL)
			next = zones->v[i].note;
		next.added = note->added;
		counts_add(&next.added, &zones->v[i].note.added);
	} else {
		i = place_make(zones);
	}
	if (i < STORE_ZONES_MAX) {
		zones->v[i].note = next;
		zones->v[i].dirty = true;
	}
	(void)pthread_mutex_unlock(&zones->lock);
}

bool
store_zones_take(struct store_zones *zones, struct dnsbl_note *note_r)
{
	size_t i = 0;
	bool found;

	(void)pthread_mutex_lock(&zones->lock);
	while (i < zones->n && !zones->v[i].dirty)
		i++;
	found = i < zones->n;
	if (found) {
		*note_r = zones->v[i].note;
		zones->v[i].note.added = (struct dnsbl_counts){0};
		zones->v[i].dirty = false;
	}
	(void)pthread_mutex_unlock(&zones->lock);
	return found;
}

bool
store_zones_read(struct store_zones *zones, struct slice name, struct dnsbl_note *note_r)
{
	bool found;
	size_t i;

	(void)pthread_mutex_lock(&zones->lock);
	i = place_find(zones, name);
	found = i < zones->n;
	if (found)
		*note_r = zones->v[i].note;
	(void)pthread_mutex_unlock(&zones->lock);
	return found;
}

bool
store_zones_used(struct store_zones *zones)
{
	bool used;

	(void)pthread_mutex_lock(&zones->lock);
	used = zones->n > 0;
	(void)pthread_mutex_unlock(&zones->lock);
	return used;
}
