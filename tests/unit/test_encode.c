/*
 * test_encode.c - lib/base/encode.
 */
#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum kind { HEX, BASE32, BASE64, BASE64URL };

static const struct {
	void (*encode)(struct buf *, struct slice);
	int (*decode)(struct buf *, struct slice);
} codecs[] = {
    [HEX] = {encode_hex, decode_hex},
    [BASE32] = {encode_base32, decode_base32},
    [BASE64] = {encode_base64, decode_base64},
    [BASE64URL] = {encode_base64url, decode_base64url},
};

/* RFC 4648 section 10, and what tells the alphabets apart. */
static const struct {
	enum kind kind;
	struct slice bytes;
	const char *text;
} vectors[] = {
    {HEX, SLICE_LIT(""), ""},
    {HEX, SLICE_LIT("foobar"), "666f6f626172"},
    {HEX, SLICE_LIT("\0\xff\x9a"), "00ff9a"},
    {BASE32, SLICE_LIT(""), ""},
    {BASE32, SLICE_LIT("f"), "my"},
    {BASE32, SLICE_LIT("fo"), "mzxq"},
    {BASE32, SLICE_LIT("foo"), "mzxw6"},
    {BASE32, SLICE_LIT("foob"), "mzxw6yq"},
    {BASE32, SLICE_LIT("fooba"), "mzxw6ytb"},
    {BASE32, SLICE_LIT("foobar"), "mzxw6ytboi"},
    {BASE32, SLICE_LIT("\xff\xff\xff\xff\xff"), "77777777"},
    {BASE64, SLICE_LIT(""), ""},
    {BASE64, SLICE_LIT("f"), "Zg=="},
    {BASE64, SLICE_LIT("fo"), "Zm8="},
    {BASE64, SLICE_LIT("foo"), "Zm9v"},
    {BASE64, SLICE_LIT("foob"), "Zm9vYg=="},
    {BASE64, SLICE_LIT("fooba"), "Zm9vYmE="},
    {BASE64, SLICE_LIT("foobar"), "Zm9vYmFy"},
    {BASE64, SLICE_LIT("\xfb\xff\xfe"), "+//+"},
    {BASE64URL, SLICE_LIT("f"), "Zg"},
    {BASE64URL, SLICE_LIT("fo"), "Zm8"},
    {BASE64URL, SLICE_LIT("foobar"), "Zm9vYmFy"},
    {BASE64URL, SLICE_LIT("\xfb\xff\xfe"), "-__-"},
};

static void
both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		char storage[64];
		struct buf out = BUF_OVER(storage);

		codecs[vectors[i].kind].encode(&out, vectors[i].bytes);
		assert_string_equal(buf_text(&out), vectors[i].text);
		buf_reset(&out);
		buf_add_text(&out, "x");
		assert_int_equal(
		    codecs[vectors[i].kind].decode(&out, slice_of(vectors[i].text)), 0);
		assert_true(slice_eq(slice_from(buf_slice(&out), 1), vectors[i].bytes));
		assert_false(out.over);
	}
}

static const struct {
	const char *name;
	enum kind kind;
	struct slice text;
} refused[] = {
    {"half a byte", HEX, SLICE_LIT("abc")},
    {"half a byte of zeros", HEX, SLICE_LIT("0")},
    {"no digit", HEX, SLICE_LIT("0g")},
    {"white space", HEX, SLICE_LIT("00 11")},
    {"one letter too many", BASE32, SLICE_LIT("m")},
    {"one letter of zeros", BASE32, SLICE_LIT("a")},
    {"six letters of zeros", BASE32, SLICE_LIT("aaaaaa")},
    {"three letters are no two bytes", BASE32, SLICE_LIT("mzx")},
    {"six letters", BASE32, SLICE_LIT("mzxw6y")},
    {"unused bits", BASE32, SLICE_LIT("mz")},
    {"0 and 1 are no letters", BASE32, SLICE_LIT("m0")},
    {"padding", BASE32, SLICE_LIT("my======")},
    {"no padding", BASE64, SLICE_LIT("Zg")},
    {"too little padding", BASE64, SLICE_LIT("Zg=")},
    {"too much padding", BASE64, SLICE_LIT("Zm9v====")},
    {"padding alone", BASE64, SLICE_LIT("====")},
    {"padding within", BASE64, SLICE_LIT("Zg==Zg==")},
    {"unused bits in one byte", BASE64, SLICE_LIT("Zh==")},
    {"unused bits in two", BASE64, SLICE_LIT("Zm9=")},
    {"white space", BASE64, SLICE_LIT("Zm9v\nZm9")},
    {"the other alphabet", BASE64, SLICE_LIT("-__-")},
    {"NUL", BASE64, SLICE_LIT("Zm9\0")},
    {"one letter", BASE64URL, SLICE_LIT("Z")},
    {"one letter of zeros", BASE64URL, SLICE_LIT("A")},
    {"five letters of zeros", BASE64URL, SLICE_LIT("AAAAA")},
    {"five letters", BASE64URL, SLICE_LIT("Zm9vY")},
    {"padding", BASE64URL, SLICE_LIT("Zg==")},
    {"unused bits", BASE64URL, SLICE_LIT("Zh")},
    {"the other alphabet", BASE64URL, SLICE_LIT("+//+")},
    {"beyond ASCII", BASE64URL, SLICE_LIT("Zm9\xe9")},
};

static void
strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		char storage[64];
		struct buf out = BUF_OVER(storage);

		buf_add_text(&out, "before");
		if (codecs[refused[i].kind].decode(&out, refused[i].text) == 0)
			fail_msg("%s: taken", refused[i].name);
		assert_string_equal(buf_text(&out), "before");
	}
}

static void
folded(void **state)
{
	char storage[64];
	struct buf out = BUF_OVER(storage);

	(void)state;
	assert_int_equal(decode_base32(&out, slice_of("MzXw6YTBoi")), 0);
	assert_int_equal(decode_hex(&out, slice_of("2C2c")), 0);
	assert_string_equal(buf_text(&out), "foobar,,");
}

static void
no_room(void **state)
{
	char storage[4];
	struct buf out = BUF_OVER(storage);

	(void)state;
	encode_base64(&out, slice_of("foobar"));
	assert_true(out.over);
	buf_reset(&out);
	assert_int_equal(decode_base64(&out, slice_of("Zm9vYmFy")), -1);
	assert_true(out.over);
	assert_int_equal(out.n, 0);
	buf_reset(&out);
	assert_int_equal(decode_base64(&out, slice_of("Zm9vYmF!")), -1);
	assert_false(out.over);
	assert_int_equal(decode_base64(&out, slice_of("Zm9vYg==")), 0);
	assert_int_equal(out.n, 4);
}

/* Every byte, every length; the room is what the macros say. */
static void
every_length(void **state)
{
	char bytes[256], text[512], back[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		const size_t room[] = {ENCODE_HEX_BYTES(n), ENCODE_BASE32_BYTES(n),
		    ENCODE_BASE64_BYTES(n), ENCODE_BASE64URL_BYTES(n)};

		for (size_t k = 0; k < COUNT(codecs); k++) {
			struct buf out = BUF_OVER(text), in = BUF_OVER(back);

			codecs[k].encode(&out, slice_make(bytes, n));
			assert_int_equal(out.n, room[k]);
			assert_int_equal(codecs[k].decode(&in, buf_slice(&out)), 0);
			assert_true(slice_eq(buf_slice(&in), slice_make(bytes, n)));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_ways),
	    cmocka_unit_test(strict),
	    cmocka_unit_test(folded),
	    cmocka_unit_test(no_room),
	    cmocka_unit_test(every_length),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
