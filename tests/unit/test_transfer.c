/*
 * test_transfer.c - lib/mail/transfer.
 */
#include "mail/transfer.h"

#include "mime_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define L25 "0123456789012345678901234"
#define L75 L25 L25 L25

static const struct {
	const char *name;
	enum transfer_encoding from;
	struct slice in;
	struct slice want;
	unsigned defects;
} decode_rows[] = {
    {"as it is", TRANSFER_8BIT, SLICE_LIT("a=3D\r\n\xfc"), SLICE_LIT("a=3D\r\n\xfc"), 0},
    {"plain", TRANSFER_QP, SLICE_LIT("Hello world\r\n"), SLICE_LIT("Hello world\r\n"), 0},
    {"escapes", TRANSFER_QP, SLICE_LIT("=41=c3=BC=0D=0A"), SLICE_LIT("A\xc3\xbc\r\n"), 0},
    {"soft breaks", TRANSFER_QP, SLICE_LIT("a=\r\nb=\nc= \t\r\nd"), SLICE_LIT("abcd"), 0},
    {"a soft break at the end", TRANSFER_QP, SLICE_LIT("a="), SLICE_LIT("a"), 0},
    {"and blanks", TRANSFER_QP, SLICE_LIT("a=  "), SLICE_LIT("a"), 0},
    {"blanks at the end of a line", TRANSFER_QP, SLICE_LIT("a \t\r\nb \nc "),
	SLICE_LIT("a\r\nb\nc"), TRANSFER_TRAILING_BLANKS},
    {"encoded ones stay", TRANSFER_QP, SLICE_LIT("a =20\r\nb=09"), SLICE_LIT("a  \r\nb\t"), 0},
    {"blanks within", TRANSFER_QP, SLICE_LIT("a  b \rc"), SLICE_LIT("a  b \rc"), 0},
    {"no hex", TRANSFER_QP, SLICE_LIT("a=b=XY=4"), SLICE_LIT("a=b=XY=4"), TRANSFER_BAD_ESCAPE},
    {"= and a blank", TRANSFER_QP, SLICE_LIT("a= b"), SLICE_LIT("a= b"), TRANSFER_BAD_ESCAPE},
    {"= and CR", TRANSFER_QP, SLICE_LIT("=\r"), SLICE_LIT("=\r"), TRANSFER_BAD_ESCAPE},
    {"8 bits", TRANSFER_QP, SLICE_LIT("\xfc=FC"), SLICE_LIT("\xfc\xfc"), TRANSFER_RAW_8BIT},
    {"base64", TRANSFER_BASE64, SLICE_LIT("QUJD\r\nREU=\r\n"), SLICE_LIT("ABCDE"), 0},
    {"two signs of padding", TRANSFER_BASE64, SLICE_LIT("QQ=="), SLICE_LIT("A"), 0},
    {"white space", TRANSFER_BASE64, SLICE_LIT(" Q U\tJ\nD "), SLICE_LIT("ABC"), 0},
    {"junk", TRANSFER_BASE64, SLICE_LIT("QU-JD\xfc"), SLICE_LIT("ABC"), TRANSFER_JUNK},
    {"padding at the beginning", TRANSFER_BASE64, SLICE_LIT("=QUJD"), SLICE_LIT("ABC"),
	TRANSFER_JUNK},
    {"more behind the padding", TRANSFER_BASE64, SLICE_LIT("QQ==QUJD"), SLICE_LIT("AABC"),
	TRANSFER_AFTER_END},
    {"no padding", TRANSFER_BASE64, SLICE_LIT("QUI"), SLICE_LIT("AB"), TRANSFER_CUT},
    {"one digit", TRANSFER_BASE64, SLICE_LIT("QUJDQ"), SLICE_LIT("ABC"), TRANSFER_CUT},
    {"nothing", TRANSFER_BASE64, {NULL, 0}, SLICE_LIT(""), 0},
};

static const struct {
	const char *name;
	enum transfer_encoding to;
	struct slice in;
	struct slice want;
} encode_rows[] = {
    {"plain", TRANSFER_QP, SLICE_LIT("Hello world\r\n"), SLICE_LIT("Hello world\r\n")},
    {"8 bits, =, controls", TRANSFER_QP, SLICE_LIT("\xfc=\0\x7f"), SLICE_LIT("=FC=3D=00=7F")},
    {"blanks at the end of a line", TRANSFER_QP, SLICE_LIT("a  \r\nb\t\r\nc "),
	SLICE_LIT("a =20\r\nb=09\r\nc=20")},
    {"a line of a blank", TRANSFER_QP, SLICE_LIT(" \r\n"), SLICE_LIT("=20\r\n")},
    {"CR and LF alone", TRANSFER_QP, SLICE_LIT("a\rb\nc\r\r\n"), SLICE_LIT("a=0Db=0Ac=0D\r\n")},
    {"76 stay", TRANSFER_QP, SLICE_LIT(L75 "x\r\n"), SLICE_LIT(L75 "x\r\n")},
    {"76 stay at the end", TRANSFER_QP, SLICE_LIT(L75 "x"), SLICE_LIT(L75 "x")},
    {"77 do not", TRANSFER_QP, SLICE_LIT(L75 "xy\r\n"), SLICE_LIT(L75 "=\r\nxy\r\n")},
    {"an escape is not cut", TRANSFER_QP, SLICE_LIT(L25 L25 L25 "\xfc\r\n"),
	SLICE_LIT(L75 "=\r\n=FC\r\n")},
    {"dot", TRANSFER_QP, SLICE_LIT(".\r\n.a\r\na."), SLICE_LIT("=2E\r\n=2Ea\r\na.")},
    {"From", TRANSFER_QP, SLICE_LIT("From a\r\nFrom\r\n From "),
	SLICE_LIT("=46rom a\r\nFrom\r\n From=20")},
    {"dashes", TRANSFER_QP, SLICE_LIT("--a\r\n-a\r\n- -\r\n-"),
	SLICE_LIT("=2D-a\r\n-a\r\n- -\r\n-")},
    {"dashes behind a soft break", TRANSFER_QP, SLICE_LIT(L75 "--b\r\n"),
	SLICE_LIT(L75 "=\r\n=2D-b\r\n")},
    {"base64", TRANSFER_BASE64, SLICE_LIT("ABCDE"), SLICE_LIT("QUJDREU=\r\n")},
    {"57 make a line", TRANSFER_BASE64, SLICE_LIT(L25 L25 "0123456A"),
	SLICE_LIT("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQwMTIzNDU2\r\n"
		  "QQ==\r\n")},
    {"nothing", TRANSFER_BASE64, {NULL, 0}, SLICE_LIT("")},
    {"as it is", TRANSFER_8BIT, SLICE_LIT("a\xfc"), SLICE_LIT("a\xfc")},
};

static void
assert_text(const struct heap_text *got, struct slice want)
{
	assert_int_equal(got->n, want.n);
	if (want.n > 0)
		assert_memory_equal(got->p, want.p, want.n);
}

/* In pieces of every size the same. */
static void
test_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(decode_rows); i++) {
		print_message("  %s\n", decode_rows[i].name);
		for (size_t piece = 1; piece <= decode_rows[i].in.n + 1; piece++) {
			struct heap_text text = {NULL, 0, 0};
			struct slice left = decode_rows[i].in;
			struct transfer_decoder d;

			transfer_decoder_init(
			    &d, decode_rows[i].from, (struct sink){heap_put, &text});
			for (; left.n > 0; left = slice_from(left, piece))
				assert_int_equal(transfer_decode(&d, slice_head(left, piece)), 0);
			assert_int_equal(transfer_decode_end(&d), 0);
			assert_text(&text, decode_rows[i].want);
			assert_int_equal(d.defects, decode_rows[i].defects);
			free(text.p);
		}
	}
}

static void
test_encode(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(encode_rows); i++) {
		print_message("  %s\n", encode_rows[i].name);
		for (size_t piece = 1; piece <= encode_rows[i].in.n + 1; piece++) {
			struct heap_text text = {NULL, 0, 0};
			struct slice left = encode_rows[i].in;
			struct transfer_encoder e;

			transfer_encoder_init(
			    &e, encode_rows[i].to, (struct sink){heap_put, &text});
			for (; left.n > 0; left = slice_from(left, piece))
				assert_int_equal(transfer_encode(&e, slice_head(left, piece)), 0);
			assert_int_equal(transfer_encode_end(&e), 0);
			assert_text(&text, encode_rows[i].want);
			free(text.p);
		}
		if (encode_rows[i].to != TRANSFER_8BIT)
			assert_true(transfer_recode_is_safe(
			    TRANSFER_BINARY, encode_rows[i].to, encode_rows[i].in));
	}
}

/* What an encoder made is safe to make again; what is in doubt is not. */
static void
test_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(decode_rows); i++) {
		enum transfer_encoding from = decode_rows[i].from;
		bool want = (decode_rows[i].defects & ~(unsigned)TRANSFER_RAW_8BIT) == 0;

		print_message("  %s\n", decode_rows[i].name);
		assert_int_equal(
		    transfer_recode_is_safe(from, TRANSFER_QP, decode_rows[i].in), want);
		assert_int_equal(
		    transfer_recode_is_safe(from, TRANSFER_BASE64, decode_rows[i].in), want);
	}
	/* a form that is not promised */
	assert_true(
	    transfer_recode_is_safe(TRANSFER_7BIT, TRANSFER_7BIT, slice_of("abc\r\n-a\r\n")));
	assert_false(transfer_recode_is_safe(TRANSFER_7BIT, TRANSFER_7BIT, slice_of("a\n")));
	assert_false(transfer_recode_is_safe(TRANSFER_7BIT, TRANSFER_7BIT, slice_of("a\xfc")));
	assert_false(transfer_recode_is_safe(TRANSFER_7BIT, TRANSFER_7BIT, slice_of("--a")));
	assert_false(transfer_recode_is_safe(TRANSFER_7BIT, TRANSFER_7BIT, slice_of(".")));
	assert_false(transfer_recode_is_safe(TRANSFER_7BIT, TRANSFER_7BIT, slice_of(L75 "xy")));
}

/* Everything that is bigger than what a coder keeps. */
static void
test_large(void **state)
{
	static char text[100000];
	struct heap_text coded, plain;
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		seed = seed * 1664525 + 1013904223;
		text[i] = i % 40000 < 20000 ? (char)(seed >> 24) : " \t=\r\n-.F"[seed >> 29];
	}
	memset(text + 50000, ' ', 5000);
	for (int to = TRANSFER_QP; to <= TRANSFER_BASE64; to++) {
		struct slice in = slice_make(text, sizeof(text));

		coded = plain = (struct heap_text){NULL, 0, 0};
		assert_true(
		    transfer_recode_is_safe(TRANSFER_BINARY, (enum transfer_encoding)to, in));
		assert_int_equal(transfer_recode(TRANSFER_BINARY, (enum transfer_encoding)to, in,
				     (struct sink){heap_put, &coded}),
		    0);
		assert_int_equal(transfer_recode((enum transfer_encoding)to, TRANSFER_BINARY,
				     heap_slice(&coded), (struct sink){heap_put, &plain}),
		    0);
		assert_text(&plain, in);
		free(coded.p);
		free(plain.p);
	}
	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	assert_false(
	    transfer_recode_is_safe(TRANSFER_QP, TRANSFER_QP, slice_make(text, sizeof(text))));
	text[0] = '=';
	assert_false(
	    transfer_recode_is_safe(TRANSFER_QP, TRANSFER_QP, slice_make(text, sizeof(text))));
}

static int
put_nothing(void *to, struct slice bytes)
{
	(void)to, (void)bytes;
	return -1;
}

static void
test_sink_full(void **state)
{
	static char text[5000];

	(void)state;
	memset(text, 'A', sizeof(text));
	for (int from = TRANSFER_7BIT; from <= TRANSFER_OTHER; from++)
		for (int to = TRANSFER_QP; to <= TRANSFER_OTHER; to++)
			assert_int_equal(
			    transfer_recode((enum transfer_encoding)from,
				(enum transfer_encoding)to, slice_make(text, sizeof(text)),
				(struct sink){put_nothing, NULL}),
			    -1);
}

static void
test_names(void **state)
{
	static const struct {
		const char *value;
		enum transfer_encoding want;
	} rows[] = {
	    {"", TRANSFER_7BIT},
	    {" 7bit", TRANSFER_7BIT},
	    {" 8BIT\r\n", TRANSFER_8BIT},
	    {"binary", TRANSFER_BINARY},
	    {"(why) Quoted-Printable (so)", TRANSFER_QP},
	    {"base64 (a) (b)", TRANSFER_BASE64},
	    {"base64;", TRANSFER_OTHER},
	    {"8bits", TRANSFER_OTHER},
	    {"x-uuencode", TRANSFER_OTHER},
	    {"base64 base64", TRANSFER_OTHER},
	    {"(", TRANSFER_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("  %s\n", rows[i].value);
		assert_int_equal(transfer_parse(slice_of(rows[i].value)), rows[i].want);
	}
	assert_string_equal(transfer_name(TRANSFER_QP), "quoted-printable");
	assert_null(transfer_name(TRANSFER_OTHER));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_decode),
	    cmocka_unit_test(test_encode),
	    cmocka_unit_test(test_safe),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_sink_full),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
