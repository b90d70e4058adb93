/*
 * test_sign.c - lib/crypto/sign and sign_key.
 */
#include "crypto/sign.h"

#include "base/encode.h"
#include "sign_vectors.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct sign_key *
key_of(const char *pem)
{
	struct sign_key *key = NULL;
	struct err err = {.code = ERR_NONE};

	if (sign_key_parse(slice_of(pem), &key, &err) != 0)
		fail_msg("%s", err.text);
	return key;
}

static const struct {
	const char *name;
	const char *pem;
	const char *want; /* in the reason */
} refused[] = {
    {"nothing", "", "no private key in PEM"},
    {"no PEM", "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n", "no private key in PEM"},
    {"a public key", PEM_PUBLIC, "a public key"},
    {"an old public key", "-----BEGIN RSA PUBLIC KEY-----\nAA==\n-----END RSA PUBLIC KEY-----\n",
	"a public key"},
    {"a certificate", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
	"a certificate"},
    {"encrypted", PEM_ENCRYPTED, "encrypted"},
    {"OpenSSH's",
	"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n",
	"OpenSSH"},
    {"an elliptic curve", PEM_EC, "a key of type EC"},
    {"512 bits", PEM_RSA_512, "512 bits: 1024 are the least"},
    {"damaged", PEM_DAMAGED, "damaged"},
    {"no base64", "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
	"cannot be read"},
    {"no key in it", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	"cannot be read"},
    {"cut off", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n", "cannot be read"},
};

static void
refused_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sign_key *key = NULL;
		struct err err = {.code = ERR_NONE};

		if (sign_key_parse(slice_of(refused[i].pem), &key, &err) == 0)
			fail_msg("%s: taken", refused[i].name);
		if (strstr(err.text, refused[i].want) == NULL)
			fail_msg("%s: \"%s\"", refused[i].name, err.text);
		assert_int_equal(err.code, ERR_INVALID);
		assert_null(key);
	}
}

static void
too_long(void **state)
{
	static char text[SIGN_PEM_MAX_BYTES + 1];
	struct sign_key *key = NULL;
	struct err err;

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_int_equal(sign_key_parse(slice_make(text, sizeof(text)), &key, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static const struct {
	const char *pem;
	struct sign_facts facts;
	const char *public;
} good[] = {
    {PEM_RSA, {SIGN_RSA, 1024, true}, PUBLIC_RSA},
    {PEM_ED25519, {SIGN_ED25519, 256, false}, PUBLIC_ED25519},
    {"Bag Attributes\n" PEM_PUBLIC PEM_ED25519, {SIGN_ED25519, 256, false}, PUBLIC_ED25519},
};

static void
facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct sign_key *key = key_of(good[i].pem);
		struct sign_facts got = sign_key_facts(key);
		char text[SIGN_PUBLIC_MAX_BYTES];
		struct buf out = BUF_OVER(text);
		struct err err;

		assert_int_equal(got.kind, good[i].facts.kind);
		assert_int_equal(got.bits, good[i].facts.bits);
		assert_int_equal(got.sha1, good[i].facts.sha1);
		assert_int_equal(sign_key_public(key, &out, &err), 0);
		assert_true(slice_eq(buf_slice(&out), slice_of(good[i].public)));
		sign_key_free(key);
	}
	sign_key_free(NULL);
}

/* As openssl(1) signs: pkeyutl -sign. */
static const struct {
	const char *pem;
	enum hash_kind kind;
	const char *want; /* base64 */
} signatures[] = {
    {PEM_RSA, HASH_SHA256,
	"4xXlfwnsO4SuWTbIlvtfSriteIdAYONn2jzIWphKG0E2ifSvvaRIdnJnRodZ4oPM"
	"EuxsNDbMBEEiDr4pkDR7f7FrP0gXDlXtIneCk/wxdWoa0jWIC1uR/kKdHU+Bp/kB"
	"Jmbj3//tTESwVWbWtBWR4voEEREQks66fmEOlCUIVjI="},
    {PEM_RSA, HASH_SHA1,
	"3ol4DSi4xOPfRYkGcQcf6OcReCM964djwAUvNHh7+wnyiybx5vKd1inVR+Yw+Mv/"
	"zu24NM3RFaJirp1h3IoAdoYXegZEkMqFHwGKg9TcG7RMzLy3RTjGTEJjlMB0lgQF"
	"lC+7dSSScQHdGwyoGjqEkySEHJMsQ/PYVZZrQ5xnQNI="},
    {PEM_ED25519, HASH_SHA256,
	"AMHbmIuxL9c1GmBUrj+skPq35PxWsWUccYH19V+Jb2Y5M9OpBgXZBY6dCsRZUO4t"
	"PJybFIV0FVhxef4MysNfCQ=="},
};

/* Of the digests 00 01 02 …: neither kind has anything random. */
static void
signs(void **state)
{
	uint8_t digest[HASH_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t)i;
	for (size_t i = 0; i < COUNT(signatures); i++) {
		struct sign_key *key = key_of(signatures[i].pem);
		char raw[SIGN_MAX_BYTES], text[1024];
		struct buf signature = BUF_OVER(raw), base64 = BUF_OVER(text);
		struct err err = {.code = ERR_NONE};

		assert_int_equal(sign_digest(key, signatures[i].kind, digest, &signature, &err), 0);
		encode_base64(&base64, buf_slice(&signature));
		assert_string_equal(buf_text(&base64), signatures[i].want);
		sign_key_free(key);
	}
}

static void
ed25519_and_sha1(void **state)
{
	struct sign_key *key = key_of(PEM_ED25519);
	static const uint8_t digest[HASH_MAX_BYTES];
	char raw[SIGN_MAX_BYTES];
	struct buf signature = BUF_OVER(raw);
	struct err err;

	(void)state;
	assert_int_equal(sign_digest(key, HASH_SHA1, digest, &signature, &err), -1);
	assert_int_equal(signature.n, 0);
	sign_key_free(key);
}

static void
generated(void **state)
{
	const struct {
		enum sign_kind kind;
		unsigned bits;
	} rows[] = {{SIGN_RSA, 1024}, {SIGN_ED25519, 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char pem[4096], text[2][SIGN_PUBLIC_MAX_BYTES];
		struct buf out = BUF_OVER(pem), a = BUF_OVER(text[0]), b = BUF_OVER(text[1]);
		struct sign_key *key = NULL, *again;
		struct err err;

		assert_int_equal(sign_key_generate(rows[i].kind, rows[i].bits, &key, &err), 0);
		assert_int_equal(sign_key_format(key, &out, &err), 0);
		assert_true(
		    slice_starts(buf_slice(&out), slice_of("-----BEGIN PRIVATE KEY-----\n")));
		again = key_of(buf_text(&out));
		assert_int_equal(sign_key_public(key, &a, &err), 0);
		assert_int_equal(sign_key_public(again, &b, &err), 0);
		assert_true(slice_eq(buf_slice(&a), buf_slice(&b)));
		out.cap = 10;
		buf_reset(&out);
		assert_int_equal(sign_key_format(key, &out, &err), -1);
		assert_int_equal(err.code, ERR_LIMIT);
		sign_key_free(key);
		sign_key_free(again);
	}
}

static void
generated_too_small(void **state)
{
	struct sign_key *key = NULL;
	struct err err;

	(void)state;
	assert_int_equal(sign_key_generate(SIGN_RSA, 512, &key, &err), -1);
	assert_int_equal(sign_key_generate(SIGN_RSA, 8192, &key, &err), -1);
	assert_null(key);
}

static void
hashes(void **state)
{
	struct sign_key *key = key_of(PEM_ED25519);
	uint8_t digest[HASH_MAX_BYTES];

	(void)state;
	for (int kind = HASH_SHA1; kind <= HASH_SHA256; kind++) {
		struct hash *hash = sign_key_hash(key, (enum hash_kind)kind);

		assert_int_equal(hash_finish(hash, digest),
		    kind == HASH_SHA1 ? HASH_SHA1_BYTES : HASH_SHA256_BYTES);
		hash_free(hash);
	}
	sign_key_free(key);
}

struct thread {
	const struct sign_key *key;
	struct slice want;
	unsigned wrong;
};

static void *
thread_run(void *argument)
{
	static const uint8_t digest[HASH_MAX_BYTES] = {9};
	struct thread *t = argument;

	for (int i = 0; i < 100; i++) {
		char raw[SIGN_MAX_BYTES];
		struct buf signature = BUF_OVER(raw);

		t->wrong += sign_digest(t->key, HASH_SHA256, digest, &signature, NULL) != 0 ||
			    !slice_eq(buf_slice(&signature), t->want);
	}
	return NULL;
}

/* Many at once, with one key, past the blinding's 32 operations. */
static void
threads(void **state)
{
	static const uint8_t digest[HASH_MAX_BYTES] = {9};
	struct sign_key *key = key_of(PEM_RSA);
	struct thread t[8];
	pthread_t id[COUNT(t)];
	char raw[SIGN_MAX_BYTES];
	struct buf want = BUF_OVER(raw);

	(void)state;
	assert_int_equal(sign_digest(key, HASH_SHA256, digest, &want, NULL), 0);
	for (size_t i = 0; i < COUNT(t); i++) {
		t[i] = (struct thread){key, buf_slice(&want), 0};
		assert_int_equal(pthread_create(&id[i], NULL, thread_run, &t[i]), 0);
	}
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(pthread_join(id[i], NULL), 0);
		assert_int_equal(t[i].wrong, 0);
	}
	sign_key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(refused_in_words),
	    cmocka_unit_test(too_long),
	    cmocka_unit_test(facts),
	    cmocka_unit_test(signs),
	    cmocka_unit_test(ed25519_and_sha1),
	    cmocka_unit_test(generated),
	    cmocka_unit_test(generated_too_small),
	    cmocka_unit_test(hashes),
	    cmocka_unit_test(threads),
	};

	return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
