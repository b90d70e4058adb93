/*
 * store_memory.h - the store in this process, behind struct store.
 *
 * It decides while Redis is down (on_error = local), and stands for the store in tests. What it
 * knows dies with the process. It keeps no records, events, messages
 * and nothing that comes back: people ask Redis for them.
 *
 * Memory: at most `capacity` records (tuples, known identities, correspondents, limits); the one unused for
 * longest gives way. A record takes about 180 bytes, 700 at worst; the table, 8 bytes for each,
 * comes with the first record. A daemon that never needs it pays some 30 kB.
 */
#ifndef IO_STORE_MEMORY_H
#define IO_STORE_MEMORY_H

#include "policy/ports.h"

/* NULL with the reason (ERR_NOMEM). The clock must outlive the store. */
struct store *store_memory_new(size_t capacity, const struct clock_port *clock, struct err *err);
void store_memory_free(struct store *store);

/* Replaces a list; members are as in Redis. Returns how many were left out as invalid, err then
 * says why the first; or -1 (ERR_NOMEM). */
int store_memory_set_list(struct store *store, enum store_list list, const struct slice *members,
    size_t n, struct err *err);

/* Sets one entry of an account's suppressions, or of all accounts' ("*"); reason SUPPRESSED_NOT takes
 * it away. For tests: a daemon's own are in Redis. 0, or -1 (ERR_NOMEM). */
int store_memory_suppress(struct store *store, const char *account, const struct address *rcpt,
    const struct suppression *suppression, struct err *err);

/* What was counted in the hour of unix_s. */
void store_memory_counts(struct store *store, int64_t unix_s, int64_t counts_r[STAT_COUNT]);

/* What is known of the DNS list of that name, all counts added up; false: nothing. */
bool store_memory_zone(struct store *store, struct slice name, struct dnsbl_note *note_r);

#endif
