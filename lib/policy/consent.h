/*
 * consent.h - what one recipient agreed to: how much may be kept of his opens and clicks, whatever
 * the account may keep of others'. It only ever takes away.
 *
 * In Redis it is a field of the hash PREFIXconsent:{ACCOUNT}, or PREFIXconsent:{*} for all accounts,
 * by the recipient's address as suppression_key() writes it:
 *
 *	ann@example.com -> "anonymous 1763700000 by letter of 3 November"
 *	                    MODE SINCE NOTE
 *
 * MODE is identified, pseudonymous, anonymous or off; SINCE Unix seconds; NOTE the rest, in words,
 * and may be empty. What somebody wrote there in other words is off: when in doubt, nothing is kept.
 *
 * The field is the address itself, not a digest of it: who asks for proof of his consent, or for its
 * removal, must be answered, and a digest under a key would be lost when the key is.
 */
#ifndef POLICY_CONSENT_H
#define POLICY_CONSENT_H

#include "policy/account.h"
#include "policy/suppression.h"

/* What is kept of the note; what is no printable ASCII in it becomes '?'. */
#define CONSENT_NOTE_BYTES 200
#define CONSENT_TEXT_BYTES (CONSENT_NOTE_BYTES + 40)

/* The longest field name. */
#define CONSENT_KEY_BYTES SUPPRESSION_KEY_BYTES

/* For all accounts, as the account's name. */
#define CONSENT_ALL_ACCOUNTS "*"

struct consent {
	enum account_privacy mode;
	int64_t since_s; /* up to the year 9999; 0: unknown */
	size_t note_n;
	char note[CONSENT_NOTE_BYTES];
};

/* Reads the value; 0, or -1 with what is wrong. */
int consent_parse(struct slice text, struct consent *consent_r, struct err *err);

/* The same for what stands in a store: what cannot be parsed is PRIVACY_OFF, with the text as note. */
void consent_read(struct slice text, struct consent *consent_r);

/* Appends the value; read again, it gives the same. */
void consent_format(const struct consent *consent, struct buf *out);

/* Appends the field's name for that recipient. */
void consent_key(const struct address *rcpt, struct buf *out);

/* "identified", "pseudonymous", "anonymous", "off"; and back: 0, or -1 when it is none of them. */
const char *consent_mode_name(enum account_privacy mode);
int consent_mode_parse(struct slice word, enum account_privacy *mode_r);

#endif
