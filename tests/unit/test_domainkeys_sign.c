/*
 * test_domainkeys_sign.c - lib/auth/domainkeys_sign, on text that was written down by hand.
 */
#include "auth/domainkeys_sign.h"

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

static const struct signer_name names[] = {
    {SLICE_LIT("From"), true},
    {SLICE_LIT("Sender"), false},
    {SLICE_LIT("To"), false},
    {SLICE_LIT("Subject"), true},
};
static const struct signer_plan plan = {NULL, 0, names, COUNT(names)};

/* What is hashed, by hand. To is there twice. */
static const struct {
	const char *name;
	const char *body;
	const char *hashed;
} rows[] = {
    {"a body", "Hello,  you\r\n\r\n bye \r\n \r\n\r\n",
	"subject:twoblanks\r\nFrom:a@b.example\r\nSender:<c@b.example>\r\n"
	"\r\nHello,you\r\n\r\nbye\r\n"},
    {"no body", "", "subject:twoblanks\r\nFrom:a@b.example\r\nSender:<c@b.example>\r\n"},
};

static const char value_want[] = "a=rsa-sha1; q=dns; c=nofws; s=sel; d=b.example;\n"
				 "\th=subject:From:Sender;\n"
				 "\tb=";

static void
fields_fill(struct sign_fields *fields)
{
	sign_fields_init(fields, &plan);
	sign_fields_add(fields, slice_of("Received"), slice_of(" from x"));
	sign_fields_add(fields, slice_of("To"), slice_of(" first"));
	sign_fields_add(fields, slice_of("subject"), slice_of("  two \n\tblanks "));
	sign_fields_add(fields, slice_of("From"), slice_of(" a@b.example"));
	sign_fields_add(fields, slice_of("To"), slice_of(" second"));
	sign_fields_add(fields, slice_of("Sender"), slice_of(" <c@b.example>"));
}

static void
by_hand(void **state)
{
	const struct signer_key key = {
	    SIGNER_DOMAINKEYS, rsa, SLICE_LIT("b.example"), SLICE_LIT("sel"), SLICE_LIT("")};
	static struct domainkeys_sign d;
	static struct sign_fields fields;

	(void)state;
	fields_fill(&fields);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char raw[SIGN_MAX_BYTES], text[1024], flat_storage[1024];
		struct buf signature = BUF_OVER(raw), want = BUF_OVER(text),
			   flat = BUF_OVER(flat_storage);
		struct hash *hash = hash_new(HASH_SHA1);
		uint8_t digest[HASH_MAX_BYTES];
		const char *value = NULL;
		struct err err = {.code = ERR_NONE};

		assert_int_equal(domainkeys_sign_begin(&d, rsa, &err), 0);
		assert_int_equal(domainkeys_sign_header(&d, &fields, &arena, &err), 0);
		domainkeys_sign_body(&d, slice_of(rows[i].body));
		assert_int_equal(domainkeys_sign_end(&d, &err), 0);
		assert_int_equal(domainkeys_sign_value(&d, &key, &arena, &value, &err), 0);
		domainkeys_sign_fini(&d);
		hash_add(hash, slice_of(rows[i].hashed));
		assert_int_equal(hash_finish(hash, digest), HASH_SHA1_BYTES);
		hash_free(hash);
		assert_int_equal(sign_digest(rsa, HASH_SHA1, digest, &signature, &err), 0);
		encode_base64(&want, buf_slice(&signature));
		assert_true(slice_starts(slice_of(value), slice_of(value_want)));
		for (const char *p = value + sizeof(value_want) - 1; *p != '\0'; p++)
			if (!ascii_is_space(*p))
				buf_add_char(&flat, *p);
		assert_string_equal(buf_text(&flat), buf_text(&want));
	}
}

static const struct {
	const char *name;
	const char *from[2];
	const char *sender[2];
	const char *domain;
	const char *want; /* in the reason; NULL: may sign */
} identities[] = {
    {"From", {" a@b.example"}, {NULL}, "b.example", NULL},
    {"From, upper case", {" A <a@B.Example>"}, {NULL}, "b.eXample", NULL},
    {"a subdomain", {" a@news.b.example"}, {NULL}, "b.example", NULL},
    {"a parent", {" a@example"}, {NULL}, "b.example", "From is not within b.example"},
    {"ends alike", {" a@ab.example"}, {NULL}, "b.example", "From is not within"},
    {"another's From", {" a@c.example"}, {NULL}, "b.example", "From is not within"},
    {"another's From, our Sender", {" a@c.example"}, {" x@b.example"}, "b.example", NULL},
    {"our From, another's Sender", {" a@b.example"}, {" x@c.example"}, "b.example",
	"Sender is not within"},
    {"no From", {NULL}, {" x@b.example"}, "b.example", "0 From fields"},
    {"two From", {" a@b.example", " b@b.example"}, {NULL}, "b.example", "2 From fields"},
    {"two Sender", {" a@b.example"}, {" x@b.example", " y@b.example"}, "b.example",
	"2 Sender fields"},
    {"no address", {" nobody"}, {NULL}, "b.example", ""},
    {"an empty From", {""}, {NULL}, "b.example", "no address in From"},
    {"two readings", {" \"x@b.example\" <a@c.example>"}, {NULL}, "b.example", "From is not within"},
    {"an address before another", {" x@b.example <a@c.example>"}, {NULL}, "b.example",
	"From is not within"},
    {"authors of two domains", {" a@b.example, b@c.example"}, {NULL}, "b.example",
	"From is not within"},
};

static void
identity(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(identities); i++) {
		static struct sign_fields fields;
		struct err err = {.code = ERR_NONE};
		int status;

		sign_fields_init(&fields, &plan);
		for (size_t k = 0; k < 2; k++) {
			if (identities[i].from[k] != NULL)
				sign_fields_add(
				    &fields, slice_of("From"), slice_of(identities[i].from[k]));
			if (identities[i].sender[k] != NULL)
				sign_fields_add(
				    &fields, slice_of("Sender"), slice_of(identities[i].sender[k]));
		}
		status = domainkeys_sign_identity(&fields, slice_of(identities[i].domain), &err);
		if ((status == 0) != (identities[i].want == NULL) ||
		    (status != 0 && strstr(err.text, identities[i].want) == NULL))
			fail_msg("%s: %d \"%s\"", identities[i].name, status, err.text);
	}
}

static void
no_rsa(void **state)
{
	const struct signer_key key = {
	    SIGNER_DOMAINKEYS, ed25519, SLICE_LIT("b.example"), SLICE_LIT("sel"), SLICE_LIT("")};
	static struct domainkeys_sign d;
	static struct sign_fields fields;
	const char *value = NULL;
	struct err err;

	(void)state;
	fields_fill(&fields);
	assert_int_equal(domainkeys_sign_begin(&d, ed25519, &err), 0);
	assert_int_equal(domainkeys_sign_header(&d, &fields, &arena, &err), 0);
	assert_int_equal(domainkeys_sign_end(&d, &err), 0);
	assert_int_equal(domainkeys_sign_value(&d, &key, &arena, &value, &err), -1);
	assert_null(value);
	domainkeys_sign_fini(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_hand),
	    cmocka_unit_test(identity),
	    cmocka_unit_test(no_rsa),
	};

	return cmocka_run_group_tests_name("domainkeys_sign", tests, keys_make, keys_free);
}
