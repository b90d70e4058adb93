/*
 * test_transfer_map.c - lib/mail/transfer_map.
 */
#include "mail/transfer_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *name;
	enum transfer_encoding from;
	const char *in, *decoded;
	const char *places; /* "encoded:decoded …" */
} maps[] = {
    {"as it is", TRANSFER_8BIT, "a=\r\nb", "a=\r\nb", "0:0 5:5 "},
    {"nothing", TRANSFER_QP, "", "", "0:0 0:0 "},
    {"lines", TRANSFER_QP, "a\r\nb=3D\r\n", "a\r\nb=\r\n", "0:0 3:3 9:7 "},
    {"soft breaks", TRANSFER_QP, "a=\r\n=\r\nb\r\nc", "ab\r\nc", "0:0 4:1 7:1 10:4 11:5 "},
    {"blanks dropped", TRANSFER_QP, "a \r\nb", "a\r\nb", "0:0 4:3 5:4 "},
    {"base64", TRANSFER_BASE64, "YWJj\r\nZGVm\r\n", "abcdef", "0:0 6:3 12:6 "},
    {"groups over lines", TRANSFER_BASE64, "YWJjZG\r\nVm\r\n", "abcdef", "0:0 12:6 "},
    {"behind the padding", TRANSFER_BASE64, "YWI=\r\n\r\n", "ab", "0:0 8:2 "},
};

static void
test_map(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	for (size_t i = 0; i < COUNT(maps); i++) {
		char text[200];
		struct buf places = BUF_OVER(text);
		struct transfer_map map;

		print_message("  %s\n", maps[i].name);
		assert_int_equal(
		    transfer_map_make(&a, maps[i].from, slice_of(maps[i].in), &map), 0);
		assert_true(slice_eq(map.decoded, slice_of(maps[i].decoded)));
		for (size_t k = 0; k < map.n; k++)
			buf_add_format(&places, "%zu:%zu ", map.v[k].encoded, map.v[k].decoded);
		assert_string_equal(buf_text(&places), maps[i].places);
	}
	arena_fini(&a);
}

static void
test_find(void **state)
{
	struct transfer_map map;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	assert_int_equal(
	    transfer_map_make(&a, TRANSFER_QP, slice_of("a=\r\n=\r\nb\r\nc"), &map), 0);
	assert_int_equal(transfer_map_before(&map, 0), 0);
	assert_int_equal(transfer_map_before(&map, 1), 2);
	assert_int_equal(transfer_map_before(&map, 3), 2);
	assert_int_equal(transfer_map_before(&map, 5), 3);
	assert_int_equal(transfer_map_behind(&map, 0, 0), 1);
	assert_int_equal(transfer_map_behind(&map, 0, 2), 3);
	assert_int_equal(transfer_map_behind(&map, 3, 5), 4);
	arena_fini(&a);
}

#define L25 "0123456789012345678901234"

static void
test_put(void **state)
{
	static const struct {
		const char *text;
		bool soft;
		const char *want;
	} rows[] = {
	    {"a=\r\n", false, "a=3D\r\n"},
	    {"a", true, "a=\r\n"},
	    {"a ", true, "a =\r\n"},
	    {"a ", false, "a=20"},
	    {".a", true, "=2Ea=\r\n"},
	    {L25 L25 L25, true, L25 L25 L25 "=\r\n"},
	    {L25 L25 L25 "x", false, L25 L25 L25 "x"},
	    {L25 L25 L25 "x", true, L25 L25 L25 "=\r\nx=\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[300];
		struct buf out = BUF_OVER(storage);

		transfer_put_qp(&out, slice_of(rows[i].text), rows[i].soft);
		assert_string_equal(buf_text(&out), rows[i].want);
		assert_true(out.n <= transfer_put_bytes(TRANSFER_QP, slice_of(rows[i].text)));
	}
}

/* Each byte at each place among letters: in hex, or not, and within the bytes that were foreseen. */
static void
test_put_each(void **state)
{
	enum { N = 21 };

	(void)state;
	for (int c = 0; c < 256; c++) {
		for (size_t at = 1; at + 1 < N; at++) {
			bool plain = (c >= ' ' && c <= '~' && c != '=') || c == '\t';
			char text[N], storage[200], want[4];
			struct buf out = BUF_OVER(storage);
			size_t most;

			memset(text, 'a', N);
			text[at] = (char)c;
			most = transfer_put_bytes(TRANSFER_QP, slice_make(text, N));
			(void)snprintf(want, sizeof(want), plain ? "%c" : "=%02X", (unsigned)c);
			transfer_put_qp(&out, slice_make(text, N), false);
			assert_int_equal(out.n, N - 1 + strlen(want));
			assert_memory_equal(out.p + at, want, strlen(want));
			assert_true(out.n <= most);
			assert_true(most <= N + 2 + 6 * 3);
		}
	}
}

static void
test_put_base64(void **state)
{
	char storage[100];
	struct buf out = BUF_OVER(storage);

	(void)state;
	transfer_put_base64(&out, slice_of("abcdefgh"), 8);
	assert_string_equal(buf_text(&out), "YWJjZGVm\r\nZ2g=");
	buf_reset(&out);
	transfer_put_base64(&out, slice_of("abcdef"), 4);
	assert_string_equal(buf_text(&out), "YWJj\r\nZGVm");
	assert_true(out.n <= transfer_put_bytes(TRANSFER_BASE64, slice_of("abcdef")));
	buf_reset(&out);
	transfer_put_base64(&out, slice_of(""), 76);
	assert_int_equal(out.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_map),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_put),
	    cmocka_unit_test(test_put_each),
	    cmocka_unit_test(test_put_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
