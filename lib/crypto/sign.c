/*
 * sign.c - see sign.h: what signs.
 */
#include "crypto/sign_parts.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>

/* What everybody calls its length; OpenSSL says 253. */
#define ED25519_BITS 256

int
sign_fail(struct err *err, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)err_set(
	    err, ERR_INVALID, "%s: %s", what, reason != NULL ? reason : "OpenSSL does not say why");
	ERR_clear_error();
	return -1;
}

static size_t
digest_bytes(enum hash_kind kind)
{
	return kind == HASH_SHA1 ? HASH_SHA1_BYTES : HASH_SHA256_BYTES;
}

/* PKCS #1 v1.5 with that digest; NULL when the platform does not do it. */
static EVP_PKEY_CTX *
rsa_ready(EVP_PKEY *pkey, enum hash_kind kind)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
	EVP_MD *md = EVP_MD_fetch(NULL, kind == HASH_SHA1 ? "SHA1" : "SHA256", NULL);
	bool good = context != NULL && md != NULL && EVP_PKEY_sign_init(context) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(context, md) == 1;

	EVP_MD_free(md);
	if (good)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

static EVP_MD_CTX *
ed25519_ready(EVP_PKEY *pkey)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1)
		return context;
	EVP_MD_CTX_free(context);
	return NULL;
}

static bool
ready_make(struct sign_ready *ready, EVP_PKEY *pkey, enum sign_kind kind)
{
	ready->pkey = pkey;
	if (pkey == NULL)
		return false;
	if (kind == SIGN_ED25519) {
		ready->ed25519 = ed25519_ready(pkey);
		return ready->ed25519 != NULL;
	}
	ready->rsa[HASH_SHA1] = rsa_ready(pkey, HASH_SHA1);
	ready->rsa[HASH_SHA256] = rsa_ready(pkey, HASH_SHA256);
	return ready->rsa[HASH_SHA256] != NULL;
}

static void
ready_free(struct sign_ready *ready)
{
	EVP_PKEY_CTX_free(ready->rsa[HASH_SHA1]);
	EVP_PKEY_CTX_free(ready->rsa[HASH_SHA256]);
	EVP_MD_CTX_free(ready->ed25519);
	EVP_PKEY_free(ready->pkey);
}

/* Does the public half take what the private half made? */
static bool
signature_holds(
    const struct sign_key *key, enum hash_kind kind, const uint8_t *digest, struct slice signature)
{
	const unsigned char *bytes = (const unsigned char *)signature.p;
	EVP_PKEY *pkey = key->ready[0].pkey;
	EVP_MD_CTX *ed25519 = EVP_MD_CTX_new();
	EVP_PKEY_CTX *rsa = EVP_PKEY_CTX_new(pkey, NULL);
	bool good = ed25519 != NULL && rsa != NULL;

	if (good && key->facts.kind == SIGN_ED25519)
		good = EVP_DigestVerifyInit(ed25519, NULL, NULL, NULL, pkey) == 1 &&
		       EVP_DigestVerify(ed25519, bytes, signature.n, digest, digest_bytes(kind)) ==
			   1;
	else if (good)
		good = EVP_PKEY_verify_init(rsa) == 1 &&
		       EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PADDING) == 1 &&
		       EVP_PKEY_CTX_set_signature_md(
			   rsa, kind == HASH_SHA1 ? EVP_sha1() : EVP_sha256()) == 1 &&
		       EVP_PKEY_verify(rsa, bytes, signature.n, digest, digest_bytes(kind)) == 1;
	EVP_MD_CTX_free(ed25519);
	EVP_PKEY_CTX_free(rsa);
	return good;
}

/* Signs, and verifies that. */
static int
key_try(const struct sign_key *key, enum hash_kind kind, struct err *err)
{
	static const uint8_t digest[HASH_MAX_BYTES] = {1};
	char storage[SIGN_MAX_BYTES];
	struct buf signature = BUF_OVER(storage);

	if (sign_digest(key, kind, digest, &signature, err) != 0)
		return -1;
	if (signature_holds(key, kind, digest, buf_slice(&signature)))
		return 0;
	ERR_clear_error();
	return err_set(err, ERR_INVALID,
	    "the key is damaged: its own public half does not verify what it signs");
}

int
sign_key_make(EVP_PKEY *pkey, struct sign_key **key_r, struct err *err)
{
	struct sign_key *key = calloc(1, sizeof(*key));

	if (key == NULL) {
		EVP_PKEY_free(pkey);
		return err_set(err, ERR_NOMEM, "no memory for a key");
	}
	key->facts.kind = EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA ? SIGN_RSA : SIGN_ED25519;
	key->facts.bits = key->facts.kind == SIGN_RSA ? (unsigned)EVP_PKEY_get_bits(pkey)
						      : ED25519_BITS;
	key->begin[HASH_SHA1] = hash_new(HASH_SHA1);
	key->begin[HASH_SHA256] = hash_new(HASH_SHA256);
	for (size_t i = 0; i < SIGN_COPIES; i++) {
		EVP_PKEY *copy = i == 0 ? pkey : EVP_PKEY_dup(pkey);

		if (!ready_make(&key->ready[i], copy, key->facts.kind)) {
			sign_key_free(key);
			return sign_fail(err, "a key cannot be made ready");
		}
	}
	if (key_try(key, HASH_SHA256, err) != 0) {
		sign_key_free(key);
		return -1;
	}
	key->facts.sha1 = key->facts.kind == SIGN_RSA && key_try(key, HASH_SHA1, NULL) == 0;
	*key_r = key;
	return 0;
}

void
sign_key_free(struct sign_key *key)
{
	if (key == NULL)
		return;
	for (size_t i = 0; i < SIGN_COPIES; i++)
		ready_free(&key->ready[i]);
	hash_free(key->begin[HASH_SHA1]);
	hash_free(key->begin[HASH_SHA256]);
	free(key);
}

struct sign_facts
sign_key_facts(const struct sign_key *key)
{
	return key->facts;
}

struct hash *
sign_key_hash(const struct sign_key *key, enum hash_kind kind)
{
	return key->begin[kind] == NULL ? NULL : hash_clone(key->begin[kind]);
}

/* Threads have stacks of their own, megabytes apart: where a variable lies says which thread it is,
 * without a counter that they would all have to write to. */
static const struct sign_ready *
ready_choose(const struct sign_key *key)
{
	char here = 0;
	uint64_t mixed = ((uint64_t)(uintptr_t)&here >> 16) * UINT64_C(0x9e3779b97f4a7c15);

	return &key->ready[(mixed >> 32) % SIGN_COPIES];
}

static size_t
rsa_sign(const EVP_PKEY_CTX *ready, enum hash_kind kind, const uint8_t *digest, uint8_t *out)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(ready);
	size_t n = SIGN_MAX_BYTES;

	if (context == NULL || EVP_PKEY_sign(context, out, &n, digest, digest_bytes(kind)) != 1)
		n = 0;
	EVP_PKEY_CTX_free(context);
	return n;
}

static size_t
ed25519_sign(const EVP_MD_CTX *ready, const uint8_t *digest, uint8_t *out)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t n = SIGN_MAX_BYTES;

	if (context == NULL || EVP_MD_CTX_copy_ex(context, ready) != 1 ||
	    EVP_DigestSign(context, out, &n, digest, HASH_SHA256_BYTES) != 1)
		n = 0;
	EVP_MD_CTX_free(context);
	return n;
}

int
sign_digest(const struct sign_key *key, enum hash_kind kind, const uint8_t *digest,
    struct buf *signature, struct err *err)
{
	const struct sign_ready *ready = ready_choose(key);
	uint8_t out[SIGN_MAX_BYTES];
	size_t n = 0;

	if (kind == HASH_SHA1 && ready->rsa[kind] == NULL)
		return err_set(err, ERR_INVALID, "rsa-sha1 is not allowed on this system");
	if (key->facts.kind == SIGN_RSA)
		n = rsa_sign(ready->rsa[kind], kind, digest, out);
	else
		n = ed25519_sign(ready->ed25519, digest, out);
	if (n == 0)
		return sign_fail(err, "signing failed");
	buf_add(signature, slice_make((const char *)out, n));
	return 0;
}
