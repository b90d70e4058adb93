/*
 * stat.h - what is counted, per hour: the names of the counters, and what is derived from them.
 *
 * A counter is a field of the hash gp:stat:YYYYMMDDHH (UTC). What can be derived is not counted:
 * the tuples of an hour that never came back are stat NEW minus stat RETURNED of that hour, since
 * RETURNED is counted in the hour of the *first* try; the median delay comes from the ladder; the
 * messages refused at their end are all REFUSED together, minus IN_REFUSED.
 */
#ifndef POLICY_STAT_H
#define POLICY_STAT_H

#include "base/buf.h"

#include <stdint.h>

struct findings;
struct txn;
struct verdict;

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

	/* Mail that arrives. Recipients, each time they are answered … */
	STAT_IN_JUDGED,  /* the checks had a say */
	STAT_IN_EXEMPT,  /* they had none: role address, opted out, client allowed or local */
	STAT_IN_REFUSED, /* judged, and 554 */
	STAT_IN_SPLIT,   /* 452: judged after exempt ones, or the other way round */
	/* … and messages at their end, when one of their recipients was judged. */
	STAT_IN_MESSAGES,
	STAT_IN_QUARANTINED,
	STAT_IN_DISCARDED,
	STAT_IN_MARKED, /* let in with a mark: header field, subject */

	/* What refused recipients, and messages at their end. */
	STAT_REFUSED_RDNS,
	STAT_REFUSED_DNSBL,
	STAT_REFUSED_SPF,
	STAT_REFUSED_DMARC,
	STAT_REFUSED_SCORE,
	STAT_REFUSED_FORGED,
	STAT_REFUSED_RETURNS, /* forged, expired, or backscatter */
	/* What would have refused, held or discarded them, but for shadow mode. */
	STAT_WOULD_RDNS,
	STAT_WOULD_DNSBL,
	STAT_WOULD_SPF,
	STAT_WOULD_DMARC,
	STAT_WOULD_SCORE,
	/* What could not tell, so that on_error decided. */
	STAT_ERROR_RDNS,
	STAT_ERROR_SPF,
	STAT_ERROR_DKIM,
	STAT_ERROR_DMARC,

	/* Mail that leaves. Recipients, each time they are answered … */
	STAT_OUT_RCPTS,      /* accepted */
	STAT_OUT_SUPPRESSED, /* refused: bounced before, complained, … */
	STAT_OUT_LIMITED,    /* put off: rate, day, warm-up; also messages at their end */
	STAT_OUT_REFUSED,    /* for another reason; also messages at their end */
	/* … and messages at their end. */
	STAT_OUT_MESSAGES,
	STAT_ERROR_ACCOUNT, /* whose it is could not be told */
	STAT_ERROR_SEND,    /* suppression and limits could not be told */

	/* What comes back. */
	STAT_RETURNED,      /* recorded, recipient by recipient; also what was known already */
	STAT_ERROR_RETURNS, /* could not be recorded: 451 */
	/* … of these, by what it was */
	STAT_BOUNCED_HARD,
	STAT_BOUNCED_SOFT,
	STAT_COMPLAINED,

	/* Who opened and clicked, and who wants no more mail, by mail or by the web. */
	STAT_OPENED,
	STAT_CLICKED,
	STAT_HITS_MACHINE, /* opened or clicked by a machine, on behalf of nobody or of somebody */
	STAT_UNSUBSCRIBED,

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

/* The counter that a check of that name (struct finding) has in a family, or STAT_COUNT. */
enum stat_family { STAT_FAMILY_REFUSED, STAT_FAMILY_WOULD, STAT_FAMILY_ERROR, STAT_FAMILIES };
unsigned stat_of_check(enum stat_family family, const char *check);

/* The counters that rise by one with this answer to the recipient, or the message, in question; how
 * many. The txn must not know of the answer yet. */
#define STAT_ANSWER_MAX 8
size_t stat_of_answer(const struct txn *txn, const struct findings *findings,
    const struct verdict *verdict, unsigned stats_r[STAT_ANSWER_MAX]);

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
