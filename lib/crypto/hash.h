/*
 * hash.h - SHA-256 and SHA-1 of bytes that come in pieces, and HMAC-SHA256 with a key that is
 * prepared once.
 *
 * OpenSSL looks an algorithm up by name whenever a hash begins, under locks that all threads share.
 * So a hash is made once, and every other begins as a copy of it, which asks for nothing.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/sink.h"

#include <stdint.h>

enum hash_kind {
	HASH_SHA1, /* DomainKeys only */
	HASH_SHA256,
};

#define HASH_SHA1_BYTES   20
#define HASH_SHA256_BYTES 32
#define HASH_MAX_BYTES    32

struct hash;

/* One to which nothing was added. NULL when there is no memory, or when the platform's policy
 * forbids the algorithm. */
struct hash *hash_new(enum hash_kind kind);

/* Another that goes on from where this one is. Threads may clone one hash at the same time, as long
 * as nobody adds to it. NULL when there is no memory. */
struct hash *hash_clone(const struct hash *hash);

void hash_free(struct hash *hash); /* NULL is allowed */

void hash_add(struct hash *hash, struct slice bytes);

/* What adds all that is put to the hash. */
struct sink hash_sink(struct hash *hash);

/* The digest, of digest_r's first bytes; nothing can be added any more. Their number, or 0 when
 * something failed since the hash began. */
size_t hash_finish(struct hash *hash, uint8_t digest_r[HASH_MAX_BYTES]);

/* Are they the same? Takes as long whatever differs: for secrets. */
bool hash_same(struct slice a, struct slice b);

/* HMAC-SHA256 (RFC 2104, FIPS 198-1). A key may be used by many threads at once. */
#define HMAC_BYTES HASH_SHA256_BYTES

struct hmac_key;

/* NULL when there is no memory. */
struct hmac_key *hmac_key_new(struct slice secret);
void hmac_key_free(struct hmac_key *key); /* NULL is allowed */

/* Of n parts, one behind the other. False when there is no memory; mac_r is 0 then. */
bool hmac(
    const struct hmac_key *key, const struct slice *parts, size_t n, uint8_t mac_r[HMAC_BYTES]);

#endif
