/*
 * store_counters.c - see store_counters.h.
 */
#include "io/store_counters.h"

#include <assert.h>

#define HOUR_S 3600

void
store_counters_init(struct store_counters *counters)
{
	*counters = (struct store_counters){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void
store_counters_fini(struct store_counters *counters)
{
	(void)pthread_mutex_destroy(&counters->lock);
}

/* Never 0, which is a free place. */
static int64_t
hour_of(int64_t unix_s)
{
	return unix_s < HOUR_S ? 1 : unix_s / HOUR_S;
}

static struct counters_hour *
hour_find(struct store_counters *counters, int64_t hour)
{
	/* nearly always at the place where an hour begins to look for its own */
	for (unsigned i = 0; i < COUNTERS_HOURS; i++) {
		struct counters_hour *h = &counters->hours[(hour + i) % COUNTERS_HOURS];

		if (h->hour == hour)
			return h;
	}
	return NULL;
}

/* A place for a new hour: a free one, or the oldest. Hours that are written are free soon after:
 * see store_counters_take(). */
static struct counters_hour *
hour_make(struct store_counters *counters, int64_t hour)
{
	struct counters_hour *best = &counters->hours[hour % COUNTERS_HOURS];

	for (unsigned i = 0; i < COUNTERS_HOURS && best->hour != 0; i++) {
		struct counters_hour *h = &counters->hours[(hour + i) % COUNTERS_HOURS];

		if (h->hour < best->hour)
			best = h;
	}
	for (unsigned stat = 0; best->hour != 0 && stat < STAT_COUNT; stat++)
		counters->lost += best->counts[stat];
	*best = (struct counters_hour){.hour = hour};
	return best;
}

void
store_counters_add(struct store_counters *counters, unsigned stat, int64_t unix_s, int64_t n)
{
	int64_t hour = hour_of(unix_s);
	struct counters_hour *h;

	assert(stat < STAT_COUNT);
	(void)pthread_mutex_lock(&counters->lock);
	h = hour_find(counters, hour);
	if (h == NULL)
		h = hour_make(counters, hour);
	h->counts[stat] += n;
	counters->dirty = true;
	(void)pthread_mutex_unlock(&counters->lock);
}

/* Moves what h has to out; frees the place when nothing is left. */
static size_t
hour_take(struct counters_hour *h, struct counter_delta *out, size_t max)
{
	size_t n = 0;
	unsigned stat = 0;

	for (; stat < STAT_COUNT && n < max; stat++) {
		if (h->counts[stat] == 0)
			continue;
		out[n++] = (struct counter_delta){h->hour * HOUR_S, stat, h->counts[stat]};
		h->counts[stat] = 0;
	}
	if (stat == STAT_COUNT)
		h->hour = 0;
	return n;
}

size_t
store_counters_take(struct store_counters *counters, struct counter_delta *out, size_t max)
{
	size_t n = 0;

	(void)pthread_mutex_lock(&counters->lock);
	for (unsigned i = 0; counters->dirty && i < COUNTERS_HOURS && n < max; i++) {
		if (counters->hours[i].hour != 0)
			n += hour_take(&counters->hours[i], out + n, max - n);
	}
	counters->dirty = n == max;
	(void)pthread_mutex_unlock(&counters->lock);
	return n;
}

bool
store_counters_any(struct store_counters *counters)
{
	bool any;

	(void)pthread_mutex_lock(&counters->lock);
	any = counters->dirty;
	(void)pthread_mutex_unlock(&counters->lock);
	return any;
}

int64_t
store_counters_lost(struct store_counters *counters)
{
	int64_t lost;

	(void)pthread_mutex_lock(&counters->lock);
	lost = counters->lost;
	counters->lost = 0;
	(void)pthread_mutex_unlock(&counters->lock);
	return lost;
}

void
store_counters_read(struct store_counters *counters, int64_t unix_s, int64_t counts_r[STAT_COUNT])
{
	const struct counters_hour *h;

	(void)pthread_mutex_lock(&counters->lock);
	h = hour_find(counters, hour_of(unix_s));
	for (unsigned stat = 0; stat < STAT_COUNT; stat++)
		counts_r[stat] = h == NULL ? 0 : h->counts[stat];
	(void)pthread_mutex_unlock(&counters->lock);
}
