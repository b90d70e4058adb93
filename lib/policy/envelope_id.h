/*
 * envelope_id.h - the identifier of a message in its envelope: in MAIL FROM, in ENVID, in the id
 * header. It comes back in bounces, with the case of its letters lost.
 *
 *	b-TOKEN@bounce.domain                 a return path
 *	b-TOKEN+user=example.com@bounce.domain  the same, as XVERP makes it for one recipient
 *	u-TOKEN@bounce.domain                 an address to unsubscribe by mail
 *	i-TOKEN                               ENVID and the id header
 *
 *	TOKEN = base32( version key account message rcpt day HMAC-SHA256/80 ), 48 characters
 *	bytes:          1       1   6       8       2    2   10
 *
 * The MAC is over the letter and the domain too: an identifier of one account, or one lane, is worth
 * nothing in the bounce domain of another. It holds nothing about a person. What XVERP puts behind it
 * is not signed: believe it only if the message had that recipient.
 */
#ifndef POLICY_ENVELOPE_ID_H
#define POLICY_ENVELOPE_ID_H

#include "policy/token.h"

#define ENVELOPE_ID_BYTES      30
#define ENVELOPE_ID_TEXT_BYTES (2 + ENCODE_BASE32_BYTES(ENVELOPE_ID_BYTES)) /* 50 of 64 */

/* A local part and a domain of RFC 5321, the recipient's, and some quotes. */
#define ENVELOPE_RCPT_BYTES 330

enum envelope_letter {
	ENVELOPE_BOUNCE = 'b',
	ENVELOPE_UNSUBSCRIBE = 'u',
	ENVELOPE_ID = 'i',
};

struct envelope_id {
	enum envelope_letter letter;
	unsigned key;
	struct token_ids ids;
	size_t rcpt_n;                  /* of rcpt; 0: XVERP added none */
	char rcpt[ENVELOPE_RCPT_BYTES]; /* "user@example.com", not signed */
};

/* What may be one. */
struct envelope_text {
	struct slice local;     /* of an address, quoted or not; or the whole of an ENVID */
	struct slice domain;    /* empty for an ENVID */
	const char *delimiters; /* NULL: ENVELOPE_DELIMITERS */
};

/* XVERP's two delimiters where the MTA's configuration says nothing else. */
#define ENVELOPE_DELIMITERS "+="

/* Appends "LETTER-TOKEN", for that domain (none for ID). 0, or -1. Of *id, letter and ids are
 * read. */
int envelope_id_make(const struct keyring *keyring, const struct envelope_id *id,
    struct slice domain, struct buf *out, struct err *err);

/* Does it look like one? Says nothing about its being good. */
bool envelope_id_is_like(struct slice local);

/* Reads one, as token_open(): only GOOD may be acted on. terms->kind is not read. */
enum token_result envelope_id_open(const struct keyring *keyring, const struct envelope_text *text,
    const struct token_terms *terms, struct envelope_id *id_r);

#endif
