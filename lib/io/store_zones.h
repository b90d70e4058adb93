/*
 * store_zones.h - how the DNS lists are, until it is written: nothing is lost while Redis is down.
 *
 * Any thread puts; a later note of a zone replaces the earlier one, counts add up.
 */
#ifndef IO_STORE_ZONES_H
#define IO_STORE_ZONES_H

#include "policy/dnsbl_zones.h"

#include <pthread.h>
#include <stdbool.h>

/* More than one configuration may have (DNSBL_ZONES_MAX), since a reload may bring others. */
#define STORE_ZONES_MAX 64

struct store_zones {
	pthread_mutex_t lock;
	size_t n;
	struct {
		struct dnsbl_note note;
		bool dirty;
	} v[STORE_ZONES_MAX];
};

void store_zones_init(struct store_zones *zones);
void store_zones_fini(struct store_zones *zones);

/* Keeps it. With too many zones, one that is written gives way; if all are waiting, the new one is
 * dropped. */
void store_zones_put(struct store_zones *zones, const struct dnsbl_note *note);

/* Takes out a note that waits, with all its counts; false: none does. */
bool store_zones_take(struct store_zones *zones, struct dnsbl_note *note_r);

/* The note of that name with the counts that were not taken; false: there is none. */
bool store_zones_read(struct store_zones *zones, struct slice name, struct dnsbl_note *note_r);

/* Was there ever one? */
bool store_zones_used(struct store_zones *zones);

#endif
