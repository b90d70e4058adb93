/*
 * suppress_rule.h - what becomes of a recipient when something comes back about mail to him.
 *
 *	failed: recipient, hard		suppressed for good, as bounced
 *	failed: recipient, not hard;	counted; with the account's bounce_limit-th within
 *	        mailbox-full		SUPPRESS_WINDOW_S suppressed for a while, as bounced
 *	failed: any other class		untouched: it says something of us, of the mail or of the way
 *	delayed				untouched: the mail is still on its way
 *	complained, unsubscribed	suppressed for good
 *	delivered			what soft failures did is over; nothing else is
 *
 * What nobody could classify is among the other classes: it may be about us. With suppress = off,
 * failures leave him untouched; complaints and unsubscribes are kept, and heeded, all the same.
 *
 * Suppressed for a while is 1 day the first time, then 3, 10, 30, and 90 days each further time. The
 * counting begins anew each time, so that nobody is suppressed by fewer than bounce_limit failures.
 * What fails meanwhile, of mail that was on its way already, does not count. The steps are forgotten
 * SUPPRESS_FORGET_S after the last end, or with a delivery.
 *
 * Of two reasons the one that lasts longer stands. Of two that last as long, an operator's word
 * before a complaint, that before an unsubscribe, and that before bounces.
 */
#ifndef POLICY_SUPPRESS_RULE_H
#define POLICY_SUPPRESS_RULE_H

#include "policy/bounce_class.h"
#include "policy/event.h"
#include "policy/suppression.h"

/* Soft failures count together when the first is less than this ago: four of a weekly letter. */
#define SUPPRESS_WINDOW_S INT64_C(2592000) /* 30 d */
#define SUPPRESS_FORGET_S INT64_C(7776000) /* 90 d */

/* A return that comes again within this is known: the longest that MTAs usually try, twice. */
#define SUPPRESS_SEEN_S INT64_C(864000) /* 10 d */

enum return_kind {
	RETURN_FAILED,
	RETURN_DELAYED,
	RETURN_COMPLAINED,
	RETURN_UNSUBSCRIBED,
	RETURN_DELIVERED,
};

struct suppress_return {
	enum return_kind kind;
	enum bounce_class class; /* of FAILED */
	bool hard;               /* of FAILED: such a recipient will never have mail */
	struct slice evidence;   /* in words: "550 5.1.1 no such user", the queue id, … */
};

/* Soft failures of one recipient; all 0: there were none lately. */
struct suppress_soft {
	int64_t count, first_s, last_s; /* that count now */
	int64_t steps, until_s;         /* how often they suppressed him, and the last end */
};

/* All that is known of a recipient of one account. */
struct suppress_state {
	struct suppression entry; /* reason SUPPRESSED_NOT: none */
	struct suppress_soft soft;
};

struct suppress_terms {
	bool failures;        /* false: they leave everybody untouched */
	int64_t bounce_limit; /* from 1 */
};

enum suppress_outcome {
	RULED_UNTOUCHED,
	RULED_COUNTED,
	RULED_SUPPRESSED, /* by this return: newly, for longer, or for a graver reason */
	RULED_STANDS,     /* he was suppressed already */
	RULED_LIFTED,     /* he was, for a while, and is no more */
};

struct suppress_ruling {
	enum suppress_outcome outcome;
	bool entry_changed, soft_changed;
};

struct account;
struct suppress_terms suppress_terms_of(const struct account *account);

/* Changes the state by that return at that time. An entry that has ended is taken away, whatever the
 * return. */
struct suppress_ruling suppress_rule(struct suppress_state *state,
    const struct suppress_return *what, const struct suppress_terms *terms, int64_t now_s);

/* Must the entry that is there give way to the other? There need be none. */
bool suppress_gives_way(
    const struct suppression *there, const struct suppression *other, int64_t now_s);

/* What two reports of the same must have in common, beside message and recipient: "hard", "soft",
 * "failed", "delayed", "complained", "unsubscribed", "delivered". */
const char *suppress_return_name(const struct suppress_return *what);

/* "untouched", "counted", "suppressed", "stands", "lifted". */
const char *suppress_outcome_name(enum suppress_outcome outcome);

/* Soft failures as a store has them: "COUNT FIRST LAST STEPS UNTIL"; what cannot be read is none. For
 * how long they are worth keeping; 0: not at all. */
#define SUPPRESS_SOFT_TEXT_BYTES 110
void suppress_soft_read(struct slice text, struct suppress_soft *soft_r);
void suppress_soft_format(const struct suppress_soft *soft, struct buf *out);
int64_t suppress_soft_ttl_s(const struct suppress_soft *soft, int64_t now_s);

/* --- what a store does with it, once for each return, all at once --- */

struct suppress_request {
	const char *account;
	const struct address *rcpt;
	const struct suppress_return *what;
	struct suppress_terms terms;
	struct slice id;    /* of the message; empty: no other return is the same */
	const char *became; /* for the record of the message, when it is kept; NULL: nothing */
	const struct event *event; /* is added to the account's events; NULL: none */
	struct event_terms event_terms;
};

struct suppress_step {
	bool seen; /* it was recorded before: nothing was changed now */
	enum suppress_outcome outcome;
	struct suppress_state state;
	int64_t now_s; /* the store's time */
};

#endif
