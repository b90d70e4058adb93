/*
 * test_dns_packet.c - lib/io/dns_packet.
 */
#include "io/dns_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEADER(rcode, answers) "\x12\x34\x84" rcode "\0\1\0" answers "\0\0\0\0"
#define QUESTION               "\4null\7example\0\0\x10\0\1"
#define RECORD(type, n)        "\xc0\x0c\0" type "\0\1\0\0\0\x3c\0" n

struct row {
	const char *name;
	struct slice packet;
	size_t n;
};

static const struct row rows[] = {
    {"two, one of them empty",
	SLICE_LIT(HEADER("\0", "\2") QUESTION RECORD("\x10", "\0") RECORD("\x10", "\4") "\3abc"),
	2},
    {"a CNAME first",
	SLICE_LIT(HEADER("\0", "\2") QUESTION RECORD("\5", "\3") "\1a\0" RECORD("\x10", "\0")), 1},
    {"none", SLICE_LIT(HEADER("\0", "\0") QUESTION), 0},
    {"an error", SLICE_LIT(HEADER("\2", "\1") QUESTION RECORD("\x10", "\0")), 0},
    {"fewer than promised", SLICE_LIT(HEADER("\0", "\2") QUESTION RECORD("\x10", "\0")), 0},
    {"data cut off", SLICE_LIT(HEADER("\0", "\1") QUESTION RECORD("\x10", "\4") "\3ab"), 0},
    {"record cut off", SLICE_LIT(HEADER("\0", "\1") QUESTION "\xc0\x0c\0\x10\0\1"), 0},
    {"question cut off", SLICE_LIT(HEADER("\0", "\1") "\4nu"), 0},
    {"header cut off", SLICE_LIT("\x12\x34\x84"), 0},
    {"nothing", SLICE_LIT(""), 0},
};

static void
test_txt(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice rdata[4];

		print_message("%s\n", rows[i].name);
		assert_int_equal(dns_packet_txt(rows[i].packet, rdata, 4), rows[i].n);
		if (rows[i].n == 2)
			assert_true(slice_eq(rdata[1], slice_of("\3abc")));
	}
}

/* Whatever is cut off: nothing beyond the packet is read (the sanitizer watches), nothing is found
 * twice. */
static void
test_every_length(void **state)
{
	(void)state;
	for (size_t n = 0; n < rows[0].packet.n; n++) {
		char *copy = test_malloc(n + 1);
		struct slice rdata[4];

		memcpy(copy, rows[0].packet.p, n);
		assert_int_equal(dns_packet_txt(slice_make(copy, n), rdata, 4), 0);
		test_free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_txt),
	    cmocka_unit_test(test_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
