/*
 * test_dkim_sign.c - lib/auth/dkim_sign, with canon, hash and sign behind it: the signatures that
 * RFC 8463 has, and ours, of text that was written down by hand.
 */
#include "auth/dkim_sign.h"

#include "base/encode.h"
#include "sign_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct sign_key *rsa, *ed25519;
static struct arena arena;

static int
keys_make(void **state)
{
	(void)state;
	arena_init(&arena, 4096, 262144);
	return sign_key_parse(slice_of(PEM_RSA), &rsa, NULL) != 0 ||
	       sign_key_parse(slice_of(PEM_ED25519), &ed25519, NULL) != 0;
}

static int
keys_free(void **state)
{
	(void)state;
	sign_key_free(rsa);
	sign_key_free(ed25519);
	arena_fini(&arena);
	return 0;
}

/* RFC 8463 appendix A.3. */
static const char *const rfc_header[][2] = {
    {"From", " Joe SixPack <joe@football.example.com>"},
    {"To", " Suzie Q <suzie@shopping.example.net>"},
    {"Subject", " Is dinner ready?"},
    {"Date", " Fri, 11 Jul 2003 21:00:37 -0700 (PDT)"},
    {"Message-ID", " <20030712040037.46341.5F8J@football.example.com>"},
};
static const char rfc_body[] = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

static const struct {
	bool ed25519;
	const char *value;
	const char *b;
} rfc_signatures[] = {
    {true,
	" v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
	" d=football.example.com; i=@football.example.com;\r\n"
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
	" subject : date : message-id : from : subject : date;\r\n"
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
	" b=",
	"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
	"Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="},
    {false,
	" v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
	" d=football.example.com; i=@football.example.com;\r\n"
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
	" date : message-id : from : subject : date;\r\n"
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
	" b=",
	"F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3"
	"DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
	"dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8="},
};

static const char *
base64_of(const struct sign_key *key, const uint8_t *digest)
{
	static char text[1024];
	char raw[SIGN_MAX_BYTES];
	struct buf signature = BUF_OVER(raw), base64 = BUF_OVER(text);

	assert_int_equal(sign_digest(key, HASH_SHA256, digest, &signature, NULL), 0);
	encode_base64(&base64, buf_slice(&signature));
	return buf_text(&base64);
}

/* The parts alone, on the RFC's own field. */
static void
rfc_8463(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rfc_signatures); i++) {
		const struct sign_key *key = rfc_signatures[i].ed25519 ? ed25519 : rsa;
		struct hash *hash = sign_key_hash(key, HASH_SHA256);
		struct sink sink = hash_sink(hash);
		uint8_t digest[HASH_MAX_BYTES];
		struct canon c;

		canon_init(&c, CANON_RELAXED, &sink);
		for (size_t k = 0; k < COUNT(rfc_header); k++)
			canon_header(&c, slice_of(rfc_header[k][0]), slice_of(rfc_header[k][1]));
		canon_header_open(
		    &c, slice_of("DKIM-Signature"), slice_of(rfc_signatures[i].value));
		canon_finish(&c);
		assert_int_equal(hash_finish(hash, digest), HASH_SHA256_BYTES);
		assert_string_equal(base64_of(key, digest), rfc_signatures[i].b);
		hash_free(hash);
	}
}

static const struct signer_name names[] = {
    {SLICE_LIT("From"), true},
    {SLICE_LIT("To"), false},
    {SLICE_LIT("Subject"), true},
    {SLICE_LIT("Cc"), false},
    {SLICE_LIT("Date"), true},
};
static const struct signer_plan plan = {NULL, 0, names, COUNT(names)};

static const char *
sign(const struct signer_key *key, struct sign_fields *fields, const char *body)
{
	static struct dkim_sign d;
	const char *value = NULL;
	struct err err = {.code = ERR_NONE};

	assert_int_equal(dkim_sign_begin(&d, key->key, &err), 0);
	if (dkim_sign_header(&d, fields, &arena, &err) == 0) {
		dkim_sign_body(&d, slice_of(body));
		assert_int_equal(dkim_sign_end(&d, &err), 0);
		assert_int_equal(dkim_sign_value(&d, key, 1528637909, &arena, &value, &err), 0);
	}
	dkim_sign_fini(&d);
	return value;
}

/* What is signed, by hand: each name's fields from the last to the first, then the field itself. */
#define HASHED_HEADER                                                                              \
	"from:a@b.example\r\n"                                                                     \
	"to:second\r\n"                                                                            \
	"to:first\r\n"                                                                             \
	"subject:two blanks\r\n"
static const struct {
	const char *name;
	bool ed25519;
	const char *identity;
	const char *value; /* up to b= */
	const char *hashed;
} ours[] = {
    {"RSA", false, "",
	"v=1; a=rsa-sha256; c=relaxed/relaxed; d=b.example; s=sel;\n"
	"\tt=1528637909;\n"
	"\th=From:From:To:To:Subject:Subject:Date;\n"
	"\tbh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
	"\tb=",
	"dkim-signature:v=1; a=rsa-sha256; c=relaxed/relaxed; d=b.example; s=sel; t=1528637909; "
	"h=From:From:To:To:Subject:Subject:Date; "
	"bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b="},
    {"Ed25519, with an identity", true, "x;y=z@b.example",
	"v=1; a=ed25519-sha256; c=relaxed/relaxed; d=b.example; s=sel;\n"
	"\tt=1528637909; i=x=3By=3Dz@b.example;\n"
	"\th=From:From:To:To:Subject:Subject:Date;\n"
	"\tbh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
	"\tb=",
	"dkim-signature:v=1; a=ed25519-sha256; c=relaxed/relaxed; d=b.example; s=sel; "
	"t=1528637909; i=x=3By=3Dz@b.example; "
	"h=From:From:To:To:Subject:Subject:Date; "
	"bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b="},
};

static void
ours_by_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ours); i++) {
		const struct signer_key key = {SIGNER_DKIM, ours[i].ed25519 ? ed25519 : rsa,
		    SLICE_LIT("b.example"), SLICE_LIT("sel"), slice_of(ours[i].identity)};
		static struct sign_fields fields;
		char flat_storage[1024];
		struct buf flat = BUF_OVER(flat_storage);
		struct hash *hash = hash_new(HASH_SHA256);
		uint8_t digest[HASH_MAX_BYTES];
		const char *value;

		sign_fields_init(&fields, &plan);
		sign_fields_add(&fields, slice_of("Received"), slice_of(" from x"));
		sign_fields_add(&fields, slice_of("To"), slice_of(" first"));
		sign_fields_add(&fields, slice_of("subject"), slice_of("  two \n\tblanks "));
		sign_fields_add(&fields, slice_of("FROM"), slice_of(" a@b.example"));
		sign_fields_add(&fields, slice_of("To"), slice_of(" second"));
		value = sign(&key, &fields, rfc_body);
		assert_non_null(value);
		assert_true(slice_starts(slice_of(value), slice_of(ours[i].value)));
		hash_add(hash, slice_of(HASHED_HEADER));
		hash_add(hash, slice_of(ours[i].hashed));
		assert_int_equal(hash_finish(hash, digest), HASH_SHA256_BYTES);
		hash_free(hash);
		for (const char *p = value + strlen(ours[i].value); *p != '\0'; p++)
			if (!ascii_is_space(*p))
				buf_add_char(&flat, *p);
		assert_string_equal(buf_text(&flat), base64_of(key.key, digest));
	}
}

static void
empty_body(void **state)
{
	const struct signer_key key = {
	    SIGNER_DKIM, rsa, SLICE_LIT("b.example"), SLICE_LIT("sel"), SLICE_LIT("")};
	static struct sign_fields fields;

	(void)state;
	sign_fields_init(&fields, &plan);
	sign_fields_add(&fields, slice_of("From"), slice_of(" a@b.example"));
	/* RFC 6376 section 3.4.4 */
	assert_non_null(strstr(
	    sign(&key, &fields, "\r\n\r\n"), "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;"));
}

static void
no_from(void **state)
{
	const struct signer_key key = {
	    SIGNER_DKIM, rsa, SLICE_LIT("b.example"), SLICE_LIT("sel"), SLICE_LIT("")};
	static struct sign_fields fields;

	(void)state;
	sign_fields_init(&fields, &plan);
	sign_fields_add(&fields, slice_of("To"), slice_of(" a@b.example"));
	assert_null(sign(&key, &fields, ""));
}

static void
no_memory(void **state)
{
	static struct sign_fields fields;
	static struct dkim_sign d;
	struct arena small;
	struct err err;

	(void)state;
	arena_init(&small, 16, 16);
	sign_fields_init(&fields, &plan);
	sign_fields_add(&fields, slice_of("From"), slice_of(" a@b.example"));
	assert_int_equal(dkim_sign_begin(&d, rsa, &err), 0);
	assert_int_equal(dkim_sign_header(&d, &fields, &small, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	dkim_sign_fini(&d);
	dkim_sign_fini(&d);
	arena_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc_8463),
	    cmocka_unit_test(ours_by_hand),
	    cmocka_unit_test(empty_body),
	    cmocka_unit_test(no_from),
	    cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests_name("dkim_sign", tests, keys_make, keys_free);
}
