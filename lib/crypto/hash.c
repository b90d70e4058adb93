/*
 * hash.c - see hash.h.
 */
#include "crypto/hash.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* What both hashes here work on at a time. */
#define BLOCK_BYTES 64

struct hash {
	EVP_MD_CTX *context;
	bool failed; /* or finished: nothing more can come of it */
};

struct hmac_key {
	struct hash *inner; /* which has the key's block already */
	struct hash *outer;
};

static struct hash *
hash_make(void)
{
	struct hash *hash = calloc(1, sizeof(*hash));

	if (hash == NULL)
		return NULL;
	hash->context = EVP_MD_CTX_new();
	if (hash->context != NULL)
		return hash;
	free(hash);
	return NULL;
}

struct hash *
hash_new(enum hash_kind kind)
{
	EVP_MD *algorithm = EVP_MD_fetch(NULL, kind == HASH_SHA1 ? "SHA1" : "SHA256", NULL);
	struct hash *hash = algorithm == NULL ? NULL : hash_make();

	if (hash != NULL && EVP_DigestInit_ex2(hash->context, algorithm, NULL) != 1) {
		hash_free(hash);
		hash = NULL;
	}
	EVP_MD_free(algorithm);
	ERR_clear_error();
	return hash;
}

struct hash *
hash_clone(const struct hash *hash)
{
	struct hash *clone = hash_make();

	if (clone == NULL)
		return NULL;
	clone->failed = hash->failed;
	if (EVP_MD_CTX_copy_ex(clone->context, hash->context) == 1)
		return clone;
	hash_free(clone);
	return NULL;
}

void
hash_free(struct hash *hash)
{
	if (hash == NULL)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

void
hash_add(struct hash *hash, struct slice bytes)
{
	if (bytes.n > 0 && !hash->failed && EVP_DigestUpdate(hash->context, bytes.p, bytes.n) != 1)
		hash->failed = true;
}

static int
put(void *to, struct slice bytes)
{
	hash_add(to, bytes);
	return 0;
}

struct sink
hash_sink(struct hash *hash)
{
	return (struct sink){put, hash};
}

size_t
hash_finish(struct hash *hash, uint8_t digest_r[HASH_MAX_BYTES])
{
	unsigned n = 0;

	if (hash->failed || EVP_DigestFinal_ex(hash->context, digest_r, &n) != 1)
		n = 0;
	hash->failed = true;
	return n;
}

bool
hash_same(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

/* A hash that begins with the key's block, each byte changed by `pad`. */
static struct hash *
keyed_hash(const uint8_t block[BLOCK_BYTES], uint8_t pad)
{
	struct hash *hash = hash_new(HASH_SHA256);
	char bytes[BLOCK_BYTES];

	if (hash == NULL)
		return NULL;
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		bytes[i] = (char)(block[i] ^ pad);
	hash_add(hash, slice_make(bytes, sizeof(bytes)));
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return hash;
}

/* The secret in one block; a longer one as its digest. */
static bool
block_fill(uint8_t block[BLOCK_BYTES], struct slice secret)
{
	struct hash *hash;
	size_t n;

	if (secret.n <= BLOCK_BYTES) {
		if (secret.n > 0)
			memcpy(block, secret.p, secret.n);
		return true;
	}
	hash = hash_new(HASH_SHA256);
	if (hash == NULL)
		return false;
	hash_add(hash, secret);
	n = hash_finish(hash, block);
	hash_free(hash);
	return n > 0;
}

struct hmac_key *
hmac_key_new(struct slice secret)
{
	uint8_t block[BLOCK_BYTES] = {0};
	struct hmac_key *key = calloc(1, sizeof(*key));

	if (key != NULL && block_fill(block, secret)) {
		key->inner = keyed_hash(block, 0x36);
		key->outer = keyed_hash(block, 0x5c);
	}
	OPENSSL_cleanse(block, sizeof(block));
	if (key != NULL && key->inner != NULL && key->outer != NULL)
		return key;
	hmac_key_free(key);
	return NULL;
}

void
hmac_key_free(struct hmac_key *key)
{
	if (key == NULL)
		return;
	hash_free(key->inner); /* OpenSSL wipes what it frees of a hash */
	hash_free(key->outer);
	free(key);
}

bool
hmac(const struct hmac_key *key, const struct slice *parts, size_t n, uint8_t mac_r[HMAC_BYTES])
{
	struct hash *inner = hash_clone(key->inner), *outer = hash_clone(key->outer);
	uint8_t digest[HASH_MAX_BYTES];
	bool good = false;

	if (inner != NULL && outer != NULL) {
		for (size_t i = 0; i < n; i++)
			hash_add(inner, parts[i]);
		n = hash_finish(inner, digest);
		hash_add(outer, slice_make((const char *)digest, n));
		good = n == HMAC_BYTES && hash_finish(outer, mac_r) == HMAC_BYTES;
	}
	if (!good)
		memset(mac_r, 0, HMAC_BYTES);
	hash_free(inner);
	hash_free(outer);
	return good;
}
