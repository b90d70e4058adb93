/*
 * suppression.h - a recipient to whom an account sends no more, and why.
 *
 * In Redis it is a field of the hash PREFIXsupp:{ACCOUNT}, or PREFIXsupp:{*} for all accounts, by
 * the recipient's address in normal form, lower case:
 *
 *	ann@example.com -> "bounced 3 1763700000 1763718000 0 550 5.1.1 b-…"
 *	                    REASON COUNT FIRST LAST UNTIL EVIDENCE
 *
 * Times are Unix seconds; UNTIL 0: for good. EVIDENCE is the rest, in words, and may be empty.
 */
#ifndef POLICY_SUPPRESSION_H
#define POLICY_SUPPRESSION_H

#include "base/buf.h"
#include "base/err.h"
#include "mail/address.h"

#include <stdint.h>

/* What is kept of the evidence. */
#define SUPPRESSION_EVIDENCE_BYTES 200
#define SUPPRESSION_TEXT_BYTES     (SUPPRESSION_EVIDENCE_BYTES + 100)

enum suppression_reason {
	SUPPRESSED_NOT,
	SUPPRESSED_BOUNCED,      /* hard bounces, or enough soft ones */
	SUPPRESSED_COMPLAINED,   /* said that it is spam */
	SUPPRESSED_UNSUBSCRIBED, /* wants no more */
	SUPPRESSED_MANUAL,       /* an operator's word */
};

struct suppression {
	enum suppression_reason reason; /* SUPPRESSED_NOT: there is none */
	int64_t count, first_s, last_s, until_s;
	size_t evidence_n;
	char evidence[SUPPRESSION_EVIDENCE_BYTES];
};

/* Reads the value; 0, or -1 with what is wrong. */
int suppression_parse(struct slice text, struct suppression *suppression_r, struct err *err);

/* Appends the value; read again, it gives the same. */
void suppression_format(const struct suppression *suppression, struct buf *out);

/* Does it hold at that time? */
bool suppression_holds(const struct suppression *suppression, int64_t now_s);

/* Appends the field's name for that recipient. */
void suppression_key(const struct address *rcpt, struct buf *out);

/* Appends what the client is told behind "recipient suppressed: ": "bounced 3 times, last
 * 2026-11-02", "complained on 2026-11-02". */
void suppression_words(const struct suppression *suppression, struct buf *out);

/* "bounced", "complained", "unsubscribed", "manual"; "" for SUPPRESSED_NOT. */
const char *suppression_reason_name(enum suppression_reason reason);

#endif
