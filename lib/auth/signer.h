/*
 * signer.h - the signatures of a message that leaves: DKIM and DomainKeys, with any keys of a plan,
 * in one pass over its final bytes.
 *
 *	signer_begin(s, plan, now_s, arena);
 *	signer_header(s, name, value);          every field, in order
 *	signer_eoh(s);
 *	signer_body(s, chunk);                  every chunk
 *	n = signer_finish(s, fields);           to be inserted on top, fields[0] first
 *	signer_fini(s);                         at any time after begin, whatever came before
 *
 * Nothing here fails on the way: what stands against a signature is said at its end, instead of it.
 */
#ifndef AUTH_SIGNER_H
#define AUTH_SIGNER_H

#include "auth/dkim_sign.h"
#include "auth/domainkeys_sign.h"

/* 30 KB, most of which a message does not touch. */
struct signer {
	const struct signer_plan *plan;
	struct arena *arena;
	uint64_t time_s;
	struct sign_fields fields;
	bool has_dkim, has_domainkeys; /* in the plan, and nothing stands against it so far */
	struct dkim_sign dkim;
	struct domainkeys_sign domainkeys;
	struct err err[SIGNER_KEYS_MAX]; /* why a key gives no signature */
};

/* "DKIM-Signature", "DomainKey-Signature". */
const char *signer_field_name(enum signer_kind kind);

struct signer_field {
	const struct signer_key *key;
	const char *name; /* signer_field_name() */
	const char
	    *value; /* without a blank in front, folded with LF and a tab; in the arena. NULL:
	                       there is none */
	const char *reason; /* why there is none, in *s; "" */
};

/* The plan, which signer_plan_check() approved of, and the arena (4 KB and 2 KB per signature) must
 * outlive the signer. time_s: t=, in seconds since 1970; 0: none. */
void signer_begin(
    struct signer *s, const struct signer_plan *plan, uint64_t time_s, struct arena *arena);
void signer_fini(struct signer *s);

/* A field as it leaves; value with the white space behind the colon, folds as LF or CRLF, no line
 * end. Both must stay where they are until signer_eoh(). */
void signer_header(struct signer *s, struct slice name, struct slice value);
void signer_eoh(struct signer *s);

/* Any part of the body, lines ending in CRLF. */
void signer_body(struct signer *s, struct slice chunk);

/* One for each key, DKIM above DomainKeys, else in the plan's order; returns their number. */
size_t signer_finish(struct signer *s, struct signer_field fields_r[SIGNER_KEYS_MAX]);

#endif
