/*
 * domainkeys_sign.h - DomainKeys signatures of a message (RFC 4870), rsa-sha1 and nofws: one hash
 * for all keys, over the fields that are there once, in their order, and the body.
 *
 * Verifiers disagree about fields that occur several times, so those are not signed.
 *
 * Functions return 0, or -1 with the reason in *err.
 */
#ifndef AUTH_DOMAINKEYS_SIGN_H
#define AUTH_DOMAINKEYS_SIGN_H

#include "auth/canon.h"
#include "auth/sign_fields.h"
#include "base/arena.h"

struct domainkeys_sign {
	struct hash *hash;
	struct canon canon;
	struct slice names; /* "h=…", in the arena */
	uint8_t digest[HASH_MAX_BYTES];
};

/* key: any that will sign. After a failure there is still fini(). */
int domainkeys_sign_begin(struct domainkeys_sign *d, const struct sign_key *key, struct err *err);
void domainkeys_sign_fini(struct domainkeys_sign *d);

/* May this domain sign? The sending address, of Sender or else of From, must be within it; when a
 * field can be read in several ways, all the addresses in it. */
int domainkeys_sign_identity(
    const struct sign_fields *fields, struct slice domain, struct err *err);

int domainkeys_sign_header(struct domainkeys_sign *d, const struct sign_fields *fields,
    struct arena *arena, struct err *err);
void domainkeys_sign_body(struct domainkeys_sign *d, struct slice chunk);
int domainkeys_sign_end(struct domainkeys_sign *d, struct err *err);

/* The value of a DomainKey-Signature by that key, in the arena, lines folded with LF. The field must
 * stand above all those that it signs. */
int domainkeys_sign_value(const struct domainkeys_sign *d, const struct signer_key *key,
    struct arena *arena, const char **value_r, struct err *err);

#endif
