/*
 * stat.h - what is counted, per hour: the names of the counters, and what is derived from them.
 *
 * A counter is a field of the hash gp:stat:YYYYMMDDHH (UTC). What can be derived is not counted:
 * the tuples of an hour that never came back are stat NEW minus stat RETURNED of that hour, since
 * RETURNED is counted in the hour of the *first* try; the median delay comes from the ladder.
 */
#ifndef POLICY_STAT_H
#define POLICY_STAT_H

#include "base/buf.h"

#include <stdint.h>

enum stat_counter {
	STAT_GREY_ASKED,       /* recipients that greylisting looked at */
	STAT_GREY_NEW,         /* first tries, put off */
	STAT_GREY_EARLY,       /* early retries, put off again */
	STAT_GREY_PASSED,      /* retries that passed */
	STAT_GREY_REPEAT,      /* mail of tuples that had passed before */
	STAT_GREY_KNOWN,       /* mail of known identities */
	STAT_GREY_MET,         /* answers from correspondents */
	STAT_GREY_LEARNED,     /* first tries in learning mode */
	STAT_GREY_EXEMPT,      /* allowlisted or opted out */
	STAT_GREY_WOULD_DEFER, /* shadow mode: would have been put off */
	STAT_GREY_ERROR,       /* the store could not be asked: on_error decided */
	STAT_GREY_RETURNED,    /* first passes, in the hour of the tuple's first try */
	STAT_EVENTS_DROPPED,   /* the queue to Redis was full */
	STAT_GREY_DELAY, /* first of the ladder: passes by delay, STAT_LADDER_STEPS counters */
};

/* The ladder: upper bounds in seconds of the delays counted together; the last has none. */
#define STAT_LADDER_STEPS 32
#define STAT_COUNT        (STAT_GREY_DELAY + STAT_LADDER_STEPS)

extern const int64_t stat_ladder_s[STAT_LADDER_STEPS];

/* The field's name ("grey_new", "grey_delay_300", "grey_delay_more"); the pointer is static. */
const char *stat_name(unsigned stat);

/* The counter of that name, or STAT_COUNT. */
unsigned stat_find(struct slice name);

/* The counter of the ladder for this delay; below 0 counts as 0. */
unsigned stat_delay(int64_t delay_s);

/* The median delay of counts[] (indexed by enum stat_counter): the upper bound of the step that it is
 * in, since senders retry at round times, which are the ladder's bounds (beyond the ladder: its last
 * bound); -1 when nothing was counted. */
int64_t stat_median_s(const int64_t counts[STAT_COUNT]);

/* "2026112103" for the UTC hour of a Unix time: the end of the key. Times before 1970 and after
 * 9999 count as the first and the last hour between. */
#define STAT_HOUR_BYTES 11
void stat_hour(char out[STAT_HOUR_BYTES], int64_t unix_s);

#endif
