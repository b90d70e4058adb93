/*
 * sign.h - private keys that sign mail: RSA (RFC 8301) and Ed25519 (RFC 8463).
 *
 * A key is read once, and then used by many threads at the same time: whatever OpenSSL has to look
 * up, to check or to multiply out is done when the key is read, and a signature starts from a copy
 * of that. Functions return 0, or -1 with the reason in *err.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/hash.h"

/* RFC 8301 section 3.2: signers use 1024 bits or more, and nobody has to verify more than 4096. */
#define SIGN_RSA_MIN_BITS 1024
#define SIGN_RSA_MAX_BITS 4096

/* An RSA-4096 key in PEM has 3.3 KB; there may be words and certificates around it. */
#define SIGN_PEM_MAX_BYTES 32768

/* A signature of RSA-4096, and the public key that belongs to it, as text. */
#define SIGN_MAX_BYTES        512
#define SIGN_PUBLIC_MAX_BYTES 760

enum sign_kind {
	SIGN_RSA,
	SIGN_ED25519,
};

struct sign_key;

struct sign_facts {
	enum sign_kind kind;
	unsigned bits;
	bool
	    sha1; /* this platform signs SHA-1 with it, as DomainKeys wants; policy may forbid that */
};

/* The first private key in a PEM file's text. The reason says what is wrong with it: none there, a
 * public one, encrypted, another type, too small, damaged. */
int sign_key_parse(struct slice pem, struct sign_key **key_r, struct err *err);

/* A new one, from OpenSSL's random numbers; bits are for RSA. */
int sign_key_generate(enum sign_kind kind, unsigned bits, struct sign_key **key_r, struct err *err);

void sign_key_free(struct sign_key *key); /* NULL is allowed */

struct sign_facts sign_key_facts(const struct sign_key *key);

/* Appends the key as PEM (PKCS #8, not encrypted). */
int sign_key_format(const struct sign_key *key, struct buf *out, struct err *err);

/* Appends the public key as the p= of a key record has it. */
int sign_key_public(const struct sign_key *key, struct buf *out, struct err *err);

/* A hash to begin with, made ready with the key; NULL when there is no memory, or none such for this
 * key. */
struct hash *sign_key_hash(const struct sign_key *key, enum hash_kind kind);

/* Signs a digest: RSASSA-PKCS1-v1_5, or the digest as Ed25519's message. What could not be done is
 * ERR_INVALID: the wrong kind of digest, or a policy that forbids it. */
int sign_digest(const struct sign_key *key, enum hash_kind kind, const uint8_t *digest,
    struct buf *signature, struct err *err);

#endif
