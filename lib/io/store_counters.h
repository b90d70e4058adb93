/*
 * store_counters.h - counters of the hours, until they are written: nothing is lost while Redis
 * is down.
 *
 * Any thread adds; the lock is held for some nanoseconds. The memory is bounded: of more than
 * COUNTERS_HOURS hours that have something to tell, the oldest is given up.
 */
#ifndef IO_STORE_COUNTERS_H
#define IO_STORE_COUNTERS_H

#include "policy/stat.h"

#include <pthread.h>
#include <stdbool.h>

/* An outage of two and a half days. */
#define COUNTERS_HOURS 64

struct counter_delta {
	int64_t unix_s; /* when the hour began */
	unsigned stat;
	int64_t n;
};

struct store_counters {
	pthread_mutex_t lock;
	bool dirty;   /* something was added since the last take */
	int64_t lost; /* given up with their hour */
	struct counters_hour {
		int64_t hour; /* Unix hours; 0: free */
		int64_t counts[STAT_COUNT];
	} hours[COUNTERS_HOURS];
};

void store_counters_init(struct store_counters *counters);
void store_counters_fini(struct store_counters *counters);

void store_counters_add(struct store_counters *counters, unsigned stat, int64_t unix_s, int64_t n);

/* Takes up to max counters out, an hour's together; returns how many. */
size_t store_counters_take(struct store_counters *counters, struct counter_delta *out, size_t max);

/* Was anything added that is not taken yet? */
bool store_counters_any(struct store_counters *counters);

/* What was given up with its hour since the last call. */
int64_t store_counters_lost(struct store_counters *counters);

/* What is counted and not taken for the hour of unix_s. */
void store_counters_read(
    struct store_counters *counters, int64_t unix_s, int64_t counts_r[STAT_COUNT]);

#endif
