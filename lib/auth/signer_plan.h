/*
 * signer_plan.h - with which keys, and over which header fields, mail is signed: worked out once per
 * configuration, used by every message.
 */
#ifndef AUTH_SIGNER_PLAN_H
#define AUTH_SIGNER_PLAN_H

#include "base/err.h"
#include "crypto/sign.h"

/* Signatures of one message; each costs its operation. DKIM with as many keys as an account may name,
 * and DomainKeys with one of them. */
#define SIGNER_KEYS_MAX 9

/* Names in a list: the default has 22, and an account adds a few of its own. */
#define SIGNER_NAMES_MAX 64

enum signer_kind {
	SIGNER_DKIM,       /* rsa-sha256 or ed25519-sha256, as the key is; relaxed/relaxed */
	SIGNER_DOMAINKEYS, /* rsa-sha1, nofws */
};

struct signer_key {
	enum signer_kind kind;
	const struct sign_key *key;
	struct slice domain;   /* d= */
	struct slice selector; /* s= */
	struct slice identity; /* DKIM: i=, an address or "@" and a domain within d=; empty: none */
};

/* A field that is signed if it is there. Oversigned: also that there is no other of that name, so
 * that nobody can add one above the real one (DKIM; RFC 6376 section 8.15). */
struct signer_name {
	struct slice name;
	bool oversign;
};

struct signer_plan {
	const struct signer_key *keys;
	size_t nkeys;
	const struct signer_name *names; /* in the order in which h= shall have them */
	size_t nnames;
};

/* From, Sender and what else makes a message what it is; whoever wants more copies and adds. */
extern const struct signer_name signer_names_default[];
extern const size_t signer_names_default_n;

/* Is that a plan that gives signatures which verify? Bounds; names of fields, From among them, none
 * twice, none that changes on the way (Received, Return-Path); domains, selectors and identities;
 * keys that can do what is asked of them. 0, or -1 with the reason; ERR_UNAVAILABLE: only that this
 * system forbids the SHA-1 that DomainKeys needs. The signer then leaves that signature away. */
int signer_plan_check(const struct signer_plan *plan, struct err *err);

#endif
