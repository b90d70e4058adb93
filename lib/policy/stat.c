/*
 * stat.c - see stat.h.
 */
#include "policy/stat.h"

#include <assert.h>
#include <time.h>

const int64_t stat_ladder_s[STAT_LADDER_STEPS] = {1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90, 120,
    180, 240, 300, 360, 420, 480, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10800, 14400, 21600,
    43200, INT64_MAX};

static const char *const names[STAT_COUNT] = {
    [STAT_GREY_ASKED] = "grey_asked",
    [STAT_GREY_NEW] = "grey_new",
    [STAT_GREY_EARLY] = "grey_early",
    [STAT_GREY_PASSED] = "grey_passed",
    [STAT_GREY_REPEAT] = "grey_repeat",
    [STAT_GREY_KNOWN] = "grey_known",
    [STAT_GREY_MET] = "grey_met",
    [STAT_GREY_LEARNED] = "grey_learned",
    [STAT_GREY_EXEMPT] = "grey_exempt",
    [STAT_GREY_WOULD_DEFER] = "grey_would_defer",
    [STAT_GREY_ERROR] = "grey_error",
    [STAT_GREY_RETURNED] = "grey_returned",
    [STAT_EVENTS_DROPPED] = "events_dropped",
    /* the ladder, in the order of stat_ladder_s */
    [STAT_GREY_DELAY] = "grey_delay_1",
    "grey_delay_2",
    "grey_delay_3",
    "grey_delay_5",
    "grey_delay_8",
    "grey_delay_10",
    "grey_delay_15",
    "grey_delay_20",
    "grey_delay_30",
    "grey_delay_45",
    "grey_delay_60",
    "grey_delay_90",
    "grey_delay_120",
    "grey_delay_180",
    "grey_delay_240",
    "grey_delay_300",
    "grey_delay_360",
    "grey_delay_420",
    "grey_delay_480",
    "grey_delay_600",
    "grey_delay_900",
    "grey_delay_1200",
    "grey_delay_1800",
    "grey_delay_2700",
    "grey_delay_3600",
    "grey_delay_5400",
    "grey_delay_7200",
    "grey_delay_10800",
    "grey_delay_14400",
    "grey_delay_21600",
    "grey_delay_43200",
    "grey_delay_more",
};

const char *
stat_name(unsigned stat)
{
	assert(stat < STAT_COUNT);
	return names[stat];
}

unsigned
stat_find(struct slice name)
{
	unsigned stat = 0;

	while (stat < STAT_COUNT && !slice_eq(name, slice_of(names[stat])))
		stat++;
	return stat;
}

unsigned
stat_delay(int64_t delay_s)
{
	unsigned step = 0;

	while (delay_s > stat_ladder_s[step])
		step++;
	return STAT_GREY_DELAY + step;
}

/* Counters come from the store, where anybody may have written: below 0 counts as 0. */
static double
step_count(const int64_t counts[STAT_COUNT], unsigned step)
{
	int64_t n = counts[STAT_GREY_DELAY + step];

	return n > 0 ? (double)n : 0;
}

int64_t
stat_median_s(const int64_t counts[STAT_COUNT])
{
	double half = 0;   /* how many delays are shorter than the median */
	double before = 0; /* how many are in the steps before this one */
	unsigned step = 0;

	for (unsigned i = 0; i < STAT_LADDER_STEPS; i++)
		half += step_count(counts, i) / 2;
	if (half <= 0)
		return -1;
	while (step < STAT_LADDER_STEPS - 1 && before + step_count(counts, step) < half)
		before += step_count(counts, step++);
	return stat_ladder_s[step < STAT_LADDER_STEPS - 1 ? step : step - 1];
}

void
stat_hour(char out[STAT_HOUR_BYTES], int64_t unix_s)
{
	const int64_t max_s = 253402300799; /* the end of 9999: later years have five digits */
	time_t when = (time_t)(unix_s < 0 ? 0 : unix_s > max_s ? max_s : unix_s);
	struct tm utc;

	if (gmtime_r(&when, &utc) == NULL || strftime(out, STAT_HOUR_BYTES, "%Y%m%d%H", &utc) == 0)
		memcpy(out, "1970010100", STAT_HOUR_BYTES);
}
