/*
 * dkim_verify.h - the DKIM signatures of a message (RFC 6376, 8301, 8463), as it streams by.
 *
 *	verifier = dkim_verifier_new(&limits);       once per configuration, for all threads
 *	v = dkim_verify_new(verifier, arena);        at MAIL
 *	dkim_verify_header(v, name, value);          every field, in order
 *	dkim_verify_eoh(v);
 *	dkim_verify_ask(v, lookup);                  the key records are under way from here on
 *	dkim_verify_body(v, chunk);                  every chunk
 *	while (!dkim_verify_advance(v, lookup))      at the end of the body
 *		lookup_wait(lookup);
 *	results = dkim_verify_results(v, &n);
 *	dkim_verify_free(v);                         at any time, whatever came before
 *
 * libopendkim canonicalises, hashes and verifies. It never asks DNS and never waits: it gets the key
 * records that the lookup brought, and only fields that were read here first (dkim_signature.h).
 * Whether a signature is expired it judges by the machine's clock.
 *
 * The message is never kept whole: header fields up to a bound, of the body only the hashes.
 */
#ifndef AUTH_DKIM_VERIFY_H
#define AUTH_DKIM_VERIFY_H

#include "base/arena.h"
#include "policy/lookup.h"

/* A signature costs a question and a public-key operation: nobody may ask for more of one message,
 * whatever the configuration says. */
#define DKIM_SIGNATURES_MAX 20

struct dkim_limits {
	size_t max_signatures; /* verified per message, the first ones; the rest is only counted */
	size_t max_header_bytes; /* of all fields; above it no signature is looked at */
	size_t max_fields;       /* header fields; above it the same */
	unsigned min_rsa_bits;   /* RFC 8301 section 3.2: a smaller key never passes */
	unsigned clock_skew_s;   /* by how much t= may be in the future, and x= in the past */
	bool honour_length;      /* l= is taken as RFC 6376 says; else such a signature is refused,
	                            since anybody may add to what it signed */
	bool accept_sha1; /* only to look at old mail: RFC 8301 section 3.1 forbids rsa-sha1 */
};

/* The words of RFC 8601 section 2.7.1, and when they are said here. */
enum dkim_verdict {
	DKIM_VERDICT_NONE,      /* not decided yet; never a result */
	DKIM_VERDICT_PASS,      /* it holds */
	DKIM_VERDICT_FAIL,      /* it does not: altered, another key, expired, key too small */
	DKIM_VERDICT_NEUTRAL,   /* the signature field makes no sense */
	DKIM_VERDICT_POLICY,    /* not looked at: one of our limits, or rsa-sha1 */
	DKIM_VERDICT_TEMPERROR, /* the key could not be fetched now */
	DKIM_VERDICT_PERMERROR, /* no such key, or none that can be used */
};

/* One signature. Texts are printable ASCII without blanks, and empty where the field has none. */
struct dkim_result {
	enum dkim_verdict verdict;
	const char *reason;     /* why, in words; "" for a pass */
	struct slice domain;    /* d=, lower case */
	struct slice selector;  /* s=, lower case */
	struct slice identity;  /* i= as written (dkim-quoted-printable), else "@" and the domain */
	struct slice algorithm; /* a=, lower case: "rsa-sha256", "ed25519-sha256" */
	struct slice b;         /* the first DKIM_B_BYTES of b=, for header.b */
	unsigned key_bits;      /* 0: no key was read */
	bool testing;           /* the key says t=y */
};

/* RFC 6008 section 4: at least eight, more when two signatures begin alike; sixteen never do. */
#define DKIM_B_BYTES 16

struct dkim_verifier;
struct dkim_verify;

struct dkim_limits dkim_limits_default(void);

/* NULL when there is no memory. May be used by many threads at once, and must outlive every
 * dkim_verify made of it. */
struct dkim_verifier *dkim_verifier_new(const struct dkim_limits *limits);
void dkim_verifier_free(struct dkim_verifier *verifier);

/* For one message. It and its results lie in the arena (up to 64 KB); NULL when there is no memory.
 */
struct dkim_verify *dkim_verify_new(const struct dkim_verifier *verifier, struct arena *arena);
void dkim_verify_free(struct dkim_verify *v); /* NULL is allowed */

/* A field as the MTA has it: value with the blank after the colon (SMFIP_HDR_LEADSPC), continuation
 * lines after LF or CRLF, none at the end. */
void dkim_verify_header(struct dkim_verify *v, struct slice name, struct slice value);
void dkim_verify_eoh(struct dkim_verify *v);

/* After eoh: false when no verdict depends on the body any more; it need not be handed over then. */
bool dkim_verify_wants_body(const struct dkim_verify *v);

/* Any part of the body, lines ending in CRLF. */
void dkim_verify_body(struct dkim_verify *v, struct slice chunk);

/* After eoh: asks for the keys, and never waits; true when all are there. */
bool dkim_verify_ask(struct dkim_verify *v, struct lookup *lookup);

/* After the whole body: false while a key is missing. Nothing may be added any more. */
bool dkim_verify_advance(struct dkim_verify *v, struct lookup *lookup);

/* Did advance() say true? */
bool dkim_verify_finished(const struct dkim_verify *v);

/* In the order of the header, complete once advance() said true; valid as long as the arena. */
const struct dkim_result *dkim_verify_results(const struct dkim_verify *v, size_t *n_r);

/* Signatures beyond max_signatures, which are not among the results. */
size_t dkim_verify_skipped(const struct dkim_verify *v);

/* "pass", "temperror" …: as in Authentication-Results. */
const char *dkim_verdict_name(enum dkim_verdict verdict);

#endif
