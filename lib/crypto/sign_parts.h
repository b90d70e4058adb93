/*
 * sign_parts.h - what sign.c and sign_key.c share; nobody else includes it.
 */
#ifndef CRYPTO_SIGN_PARTS_H
#define CRYPTO_SIGN_PARTS_H

#include "crypto/sign.h"

#include <openssl/evp.h>

/* OpenSSL keeps the numbers that blind an RSA operation with the key, under a lock, and makes new
 * ones every 32 operations. Threads take turns at as many copies of a key. */
#define SIGN_COPIES 8

/* A key made ready: what a signature is made from is a copy of these, NULL where there is none. */
struct sign_ready {
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *rsa[HASH_SHA256 + 1];
	EVP_MD_CTX *ed25519;
};

struct sign_key {
	struct sign_facts facts;
	struct hash *begin[HASH_SHA256 + 1];
	struct sign_ready ready[SIGN_COPIES];
};

/* Makes a key of pkey, which it takes, and tries it out: the first signature is verified. */
int sign_key_make(EVP_PKEY *pkey, struct sign_key **key_r, struct err *err);

/* Sets err to what was tried, and OpenSSL's reason; returns -1. */
int sign_fail(struct err *err, const char *what);

#endif
