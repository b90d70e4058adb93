/*
 * test_word.c - lib/mail/word.
 */
#include "mail/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* {value, what is seen, bytes of the encoded word it begins with} */
static const struct {
	struct slice in;
	const char *want;
	size_t bytes;
} rows[] = {
    {SLICE_LIT("plain"), "plain", 0},
    {SLICE_LIT(" a\r\n\t b "), " a b", 0},
    {SLICE_LIT("=?utf-8?Q?a_b=C3=A4?="), "a b\xc3\xa4", 21},
    {SLICE_LIT("=?UTF-8?b?w6Q=?="), "\xc3\xa4", 16},
    {SLICE_LIT("=?iso-8859-1?q?=e4?="), "\xc3\xa4", 20},
    {SLICE_LIT("=?koi8-r?q?=C1?="), "\xc1", 16},
    {SLICE_LIT("=?us-ascii*en?q?a?= x"), "a x", 19},
    {SLICE_LIT("=?a?q?x?= =?a?q?y?=\r\n =?a?q?z?="), "xyz", 9},
    {SLICE_LIT("=?a?q?x?==?a?q?y?="), "xy", 9},
    {SLICE_LIT("a =?a?q?x?= b"), "a x b", 0},
    {SLICE_LIT("a=?a?q?x?="), "a=?a?q?x?=", 0},
    {SLICE_LIT("=?a?q?"
	       "?="),
	"", 8},
    {SLICE_LIT("=?a?q?=4?="), "=4", 10},
    {SLICE_LIT("=?a?q?=?="), "=", 9},
    {SLICE_LIT("=?a?q?=zz?="), "=zz", 11},
    {SLICE_LIT("=?a?b?Y-W\\J?="), "ab", 13},
    {SLICE_LIT("=?a?b?=?="), "", 9},
    /* none */
    {SLICE_LIT("=?a?q?x y?="), "=?a?q?x y?=", 0},
    {SLICE_LIT("=?a?x?y?="), "=?a?x?y?=", 0},
    {SLICE_LIT("=?a?qq?y?="), "=?a?qq?y?=", 0},
    {SLICE_LIT("=??q?y?="), "=??q?y?=", 0},
    {SLICE_LIT("=?a?q?y"), "=?a?q?y", 0},
    {SLICE_LIT("=?a?q?y?"), "=?a?q?y?", 0},
    {SLICE_LIT("=?"), "=?", 0},
    {SLICE_LIT("="), "=", 0},
    {SLICE_LIT(""), "", 0},
};

static void
test_decode(void **state)
{
	char storage[100];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf got = BUF_OVER(storage);

		print_message("  %.*s\n", SLICE_ARG(rows[i].in));
		word_decode(&got, rows[i].in);
		assert_string_equal(buf_text(&got), rows[i].want);
		assert_int_equal(word_bytes(rows[i].in), rows[i].bytes);
	}
}

/* What is encoded is decoded to the same, whatever the length and the column. */
static void
test_encode(void **state)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7 and so on, "
				   "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7 and so on and on";
	char encoded_storage[2000], decoded_storage[200];

	(void)state;
	for (size_t n = 1; n < sizeof(text); n++) {
		for (size_t column = 0; column < 100; column += 9) {
			struct buf encoded = BUF_OVER(encoded_storage);
			struct buf decoded = BUF_OVER(decoded_storage);
			size_t line = column;

			word_encode(&encoded, slice_make(text, n), column);
			for (size_t i = 0; i < encoded.n; i++) {
				line = encoded.p[i] == '\n' ? 0 : line + 1;
				assert_true(line <= 76 || column > 60);
			}
			/* characters are whole */
			word_decode(&decoded,
			    slice_head(buf_slice(&encoded), word_bytes(buf_slice(&encoded))));
			assert_true((text[decoded.n] & 0xc0) != 0x80 || n < sizeof(text) - 1);
			buf_reset(&decoded);
			word_decode(&decoded, buf_slice(&encoded));
			assert_true(slice_eq(buf_slice(&decoded), slice_make(text, n)));
			assert_in_range(word_bytes(buf_slice(&encoded)), 1, WORD_MAX_BYTES);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decode),
	    cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests_name("word", tests, NULL, NULL);
}
