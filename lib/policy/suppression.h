/*
 * suppression.h - a recipient to whom an account sends no more, and why.
 *
 * In Redis it is a field of the hash PREFIXsupp:{ACCOUNT}, or PREFIXsupp:{*} for all accounts, by
 * the recipient's address:
 *
 *	ann@example.com -> "bounced 3 1763700000 1763718000 0 550 5.1.1 b-…"
 *	                    REASON COUNT FIRST LAST UNTIL EVIDENCE
 *
 * Times are Unix seconds; UNTIL 0: for good. EVIDENCE is the rest, in words, and may be empty. What
 * somebody wrote there in other words is an operator's word, for good: see suppression_read().
 *
 * The address is in lower case and without quotes that it does not need, but otherwise as it is:
 * "ann+news@…" is another recipient than "ann@…", for one may bounce where the other does not.
 */
#ifndef POLICY_SUPPRESSION_H
#define POLICY_SUPPRESSION_H

#include "base/buf.h"
#include "base/err.h"
#include "mail/address.h"

#include <stdint.h>

/* What is kept of the evidence; what is no printable ASCII in it becomes '?'. */
#define SUPPRESSION_EVIDENCE_BYTES 200
#define SUPPRESSION_TEXT_BYTES     (SUPPRESSION_EVIDENCE_BYTES + 100)

/* The longest field name. */
#define SUPPRESSION_KEY_BYTES ADDRESS_MAX_BYTES

#define SUPPRESSION_TIME_MAX INT64_C(253402300799) /* the end of the year 9999 */

enum suppression_reason {
	SUPPRESSED_NOT,
	SUPPRESSED_BOUNCED,      /* hard bounces, or enough soft ones */
	SUPPRESSED_COMPLAINED,   /* said that it is spam */
	SUPPRESSED_UNSUBSCRIBED, /* wants no more */
	SUPPRESSED_MANUAL,       /* an operator's word */
};

struct suppression {
	enum suppression_reason reason;          /* SUPPRESSED_NOT: there is none */
	int64_t count, first_s, last_s, until_s; /* from 0; times up to …TIME_MAX */
	size_t evidence_n;
	char evidence[SUPPRESSION_EVIDENCE_BYTES];
};

/* Reads the value; 0, or -1 with what is wrong. */
int suppression_parse(struct slice text, struct suppression *suppression_r, struct err *err);

/* The same for what stands in a store: what cannot be parsed is SUPPRESSED_MANUAL, for good, with the
 * text as evidence. */
void suppression_read(struct slice text, struct suppression *suppression_r);

/* Appends the value; read again, it gives the same. */
void suppression_format(const struct suppression *suppression, struct buf *out);

/* Does it hold at that time? UNTIL is the first second at which it does not. */
bool suppression_holds(const struct suppression *suppression, int64_t now_s);

/* Appends the field's name for that recipient. */
void suppression_key(const struct address *rcpt, struct buf *out);

/* Appends what the client is told behind "recipient suppressed: ": "bounced 3 times, last
 * 2026-11-02", "complained on 2026-11-02". */
void suppression_words(const struct suppression *suppression, struct buf *out);

/* "bounced", "complained", "unsubscribed", "manual"; "" for SUPPRESSED_NOT. */
const char *suppression_reason_name(enum suppression_reason reason);

#endif
