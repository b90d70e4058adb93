/*
 * test_hash.c - lib/crypto/hash.
 */
#include "crypto/hash.h"

#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define FOUR(x) x x x x

/* FIPS 180-2 appendices A and B, and the empty text. */
static const struct {
	enum hash_kind kind;
	const char *text;
	const char *want;
} vectors[] = {
    {HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {HASH_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static const char *
hex(struct buf *out, const uint8_t *bytes, size_t n)
{
	buf_reset(out);
	encode_hex(out, slice_make((const char *)bytes, n));
	return buf_text(out);
}

static void
known(void **state)
{
	char storage[65];
	struct buf out = BUF_OVER(storage);

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct hash *hash = hash_new(vectors[i].kind);
		uint8_t digest[HASH_MAX_BYTES];
		struct slice text = slice_of(vectors[i].text);
		struct sink sink;
		size_t n;

		assert_non_null(hash);
		sink = hash_sink(hash);
		hash_add(hash, slice_head(text, 1));
		assert_int_equal(sink_put(&sink, slice_from(text, 1)), 0);
		n = hash_finish(hash, digest);
		assert_string_equal(hex(&out, digest, n), vectors[i].want);
		hash_free(hash);
	}
}

/* A clone goes its own way. */
static void
cloned(void **state)
{
	struct hash *begun = hash_new(HASH_SHA256), *one, *other;
	uint8_t digest[HASH_MAX_BYTES];
	char storage[65];
	struct buf out = BUF_OVER(storage);

	(void)state;
	hash_add(begun, slice_of("a"));
	one = hash_clone(begun);
	other = hash_clone(begun);
	hash_add(one, slice_of("bc"));
	hash_add(other, slice_of("other"));
	assert_int_equal(hash_finish(other, digest), HASH_SHA256_BYTES);
	assert_int_equal(hash_finish(one, digest), HASH_SHA256_BYTES);
	assert_string_equal(hex(&out, digest, HASH_SHA256_BYTES), vectors[3].want);
	hash_free(one);
	hash_free(other);
	hash_add(begun, slice_of("bc"));
	assert_int_equal(hash_finish(begun, digest), HASH_SHA256_BYTES);
	assert_string_equal(hex(&out, digest, HASH_SHA256_BYTES), vectors[3].want);
	hash_free(begun);
	hash_free(NULL);
}

/* After the end there is no other. */
static void
finished_twice(void **state)
{
	struct hash *hash = hash_new(HASH_SHA1);
	uint8_t digest[HASH_MAX_BYTES];

	(void)state;
	assert_int_equal(hash_finish(hash, digest), HASH_SHA1_BYTES);
	hash_add(hash, slice_of("x"));
	assert_int_equal(hash_finish(hash, digest), 0);
	hash_free(hash);
}

/* RFC 4231 sections 4.2, 4.3, 4.7 and 4.8. */
static const struct {
	char key_byte;
	size_t key_bytes;
	const char *key;
	const char *text;
	const char *want;
} macs[] = {
    {0x0b, 20, NULL, "Hi There",
	"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {0, 0, "Jefe", "what do ya want for nothing?",
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {(char)0xaa, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
	"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {(char)0xaa, 131, NULL,
	"This is a test using a larger than block-size key and a larger than block-size data. The "
	"key needs to be hashed before being used by the HMAC algorithm.",
	"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void
hmac_known(void **state)
{
	char bytes[131], storage[65];
	struct buf out = BUF_OVER(storage);

	(void)state;
	for (size_t i = 0; i < COUNT(macs); i++) {
		struct slice text = slice_of(macs[i].text);
		struct slice parts[] = {slice_head(text, 3), slice_of(""), slice_from(text, 3)};
		struct slice secret = slice_of(macs[i].key);
		uint8_t mac[HMAC_BYTES];
		struct hmac_key *key;

		memset(bytes, macs[i].key_byte, sizeof(bytes));
		if (macs[i].key == NULL)
			secret = slice_make(bytes, macs[i].key_bytes);
		key = hmac_key_new(secret);
		assert_non_null(key);
		for (int again = 0; again < 2; again++) {
			assert_true(hmac(key, parts, COUNT(parts), mac));
			assert_string_equal(hex(&out, mac, sizeof(mac)), macs[i].want);
		}
		hmac_key_free(key);
	}
	hmac_key_free(NULL);
}

static void
same(void **state)
{
	(void)state;
	assert_true(hash_same(slice_of("abc"), slice_of("abc")));
	assert_true(hash_same(slice_of(""), slice_of(NULL)));
	assert_false(hash_same(slice_of("abc"), slice_of("abd")));
	assert_false(hash_same(slice_of("abc"), slice_of("ab")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known),
	    cmocka_unit_test(cloned),
	    cmocka_unit_test(finished_twice),
	    cmocka_unit_test(hmac_known),
	    cmocka_unit_test(same),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
