/*
 * test_subject.c - lib/mail/subject.
 */
#include "mail/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define LONG70 "0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct {
	const char *name;
	struct slice value;
	const char *prefix;
	const char *want;
} rows[] = {
    {"plain", SLICE_LIT("Hello"), "[SPAM]", "[SPAM] Hello"},
    {"blanks around", SLICE_LIT("  Hello \r\n"), " [SPAM] ", "[SPAM] Hello"},
    {"no subject", SLICE_LIT(""), "[SPAM]", "[SPAM]"},
    {"no subject at all", {NULL, 0}, "[SPAM]", "[SPAM]"},
    {"blanks only", SLICE_LIT(" \r\n "), "[SPAM]", "[SPAM]"},
    {"folds are kept", SLICE_LIT("Hello\r\n\tworld\n again"), "[SPAM]",
	"[SPAM] Hello\n\tworld\n again"},
    {"begins with a fold", SLICE_LIT("\r\n Hello"), "[SPAM]", "[SPAM] Hello"},
    {"a long first line is folded", SLICE_LIT(LONG70 "\n x"), "[SPAM]", "[SPAM]\n " LONG70 "\n x"},
    {"an encoded word", SLICE_LIT("=?utf-8?Q?gr=C3=BCn?="), "[SPAM]",
	"[SPAM] =?utf-8?Q?gr=C3=BCn?="},
    {"8-bit is left alone", SLICE_LIT("gr\xc3\xbcn \xfc"), "[SPAM]", "[SPAM] gr\xc3\xbcn \xfc"},
    {"a line that is no fold", SLICE_LIT("a\r\nBcc: b\nc\r d\n"), "[SPAM]",
	"[SPAM] a\n Bcc: b\n c\n d"},
    {"NUL", SLICE_LIT("a\0b"), "[SPAM]", "[SPAM] a?b"},
    /* a prefix beyond ASCII */
    {"encoded, before plain text", SLICE_LIT("Hello"),
	"\xe2\x9a\xa0 Verd\xc3\xa4"
	"chtig",
	"=?UTF-8?B?4pqgIFZlcmTDpGNodGln?= Hello"},
    {"encoded, before an encoded word", SLICE_LIT("=?utf-8?Q?gr=C3=BCn?="),
	"Verd\xc3\xa4"
	"chtig",
	"=?UTF-8?B?VmVyZMOkY2h0aWcg?= =?utf-8?Q?gr=C3=BCn?="},
    {"encoded, alone", SLICE_LIT(""), "\xe2\x9a\xa0", "=?UTF-8?B?4pqg?="},
    {"in several words, characters whole", SLICE_LIT("Hello"),
	"\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2"
	"\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0\xe2\x9a\xa0 x\xe2\x9a\xa0",
	"=?UTF-8?B?4pqg4pqg4pqg4pqg4pqg4pqg4pqg4pqg4pqg4pqg4pqg4pqg4pqg?=\n"
	" =?UTF-8?B?IHjimqA=?= Hello"},
    {"what would look encoded", SLICE_LIT("Hello"), "=?x", "=?UTF-8?B?PT94?= Hello"},
    /* it is there already */
    {"already", SLICE_LIT("[SPAM] Hello"), "[SPAM]", "[SPAM] Hello"},
    {"already, as it stands", SLICE_LIT("\r\n  [spam]Hello\r\n x"), "[SPAM]",
	"\n  [spam]Hello\n x"},
    {"already, alone", SLICE_LIT("[SPAM]"), "[SPAM]", "[SPAM]"},
    {"already, behind Re:", SLICE_LIT("Re: [SPAM] Hello"), "[SPAM]", "Re: [SPAM] Hello"},
    {"already, behind more", SLICE_LIT("AW: Fwd:Re[2]: Re(3): [SPAM] Hello"), "[SPAM]",
	"AW: Fwd:Re[2]: Re(3): [SPAM] Hello"},
    {"already, with a prefix like a mark", SLICE_LIT("SPAM: Hello"), "SPAM:", "SPAM: Hello"},
    {"already, behind Re:, like a mark", SLICE_LIT("Re: SPAM: Hello"), "SPAM:", "Re: SPAM: Hello"},
    {"already, in an encoded word", SLICE_LIT("=?utf-8?q?[SPAM]_gr=C3=BCn?="), "[SPAM]",
	"=?utf-8?q?[SPAM]_gr=C3=BCn?="},
    {"already, in base64", SLICE_LIT("=?iso-8859-1?B?UmU6IFtTUEFNXSBncvxu?="), "[SPAM]",
	"=?iso-8859-1?B?UmU6IFtTUEFNXSBncvxu?="},
    {"already, over two words", SLICE_LIT("=?utf-8?q?Re:_[SP?=\r\n =?utf-8?q?AM]_x?="), "[SPAM]",
	"=?utf-8?q?Re:_[SP?=\n =?utf-8?q?AM]_x?="},
    {"already, as we wrote it", SLICE_LIT("Re: =?UTF-8?B?4pqgIFZlcmTDpGNodGln?= Hello"),
	"\xe2\x9a\xa0 Verd\xc3\xa4"
	"chtig",
	"Re: =?UTF-8?B?4pqgIFZlcmTDpGNodGln?= Hello"},
    {"already, in Latin 1", SLICE_LIT("=?ISO-8859-1?Q?Verd=E4chtig:_x?="),
	"Verd\xc3\xa4"
	"chtig:",
	"=?ISO-8859-1?Q?Verd=E4chtig:_x?="},
    /* it is not */
    {"further in", SLICE_LIT("My [SPAM] Hello"), "[SPAM]", "[SPAM] My [SPAM] Hello"},
    {"a word is no mark", SLICE_LIT("Hello: [SPAM]"), "[SPAM]", "[SPAM] Hello: [SPAM]"},
    {"cut short", SLICE_LIT("[SPA"), "[SPAM]", "[SPAM] [SPA"},
    {"a broken encoded word", SLICE_LIT("=?utf-8?q?[SPAM]"), "[SPAM]", "[SPAM] =?utf-8?q?[SPAM]"},
    {"an encoded word within a word", SLICE_LIT("x=?utf-8?q?[SPAM]?="), "x[SPAM]",
	"x[SPAM] x=?utf-8?q?[SPAM]?="},
};

static void
test_prefix(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 64 * 1024);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = subject_prefix(&a, rows[i].value, slice_of(rows[i].prefix));

		print_message("  %s\n", rows[i].name);
		assert_non_null(got);
		assert_string_equal(got, rows[i].want);
		/* twice is once */
		assert_string_equal(
		    subject_prefix(&a, slice_of(got), slice_of(rows[i].prefix)), rows[i].want);
		arena_reset(&a);
	}
	arena_fini(&a);
}

static void
test_bounds(void **state)
{
	static char text[20000];
	struct arena a;
	const char *got;

	(void)state;
	arena_init(&a, 4096, 64 * 1024);
	memset(text, 'x', sizeof(text));
	assert_null(subject_prefix(&a, slice_of("a"), slice_of("")));
	assert_null(subject_prefix(&a, slice_of("a"), slice_of("  ")));
	assert_null(
	    subject_prefix(&a, slice_of("a"), slice_make(text, SUBJECT_PREFIX_MAX_BYTES + 1)));
	assert_non_null(
	    subject_prefix(&a, slice_of("a"), slice_make(text, SUBJECT_PREFIX_MAX_BYTES)));
	memset(text, '\n', sizeof(text));
	text[0] = text[sizeof(text) - 1] = 'x';
	got = subject_prefix(&a, slice_make(text, sizeof(text)), slice_of("[SPAM]"));
	assert_int_equal(strlen(got), 7 + 2 * sizeof(text) - 2);
	memset(text, '\xc3', SUBJECT_PREFIX_MAX_BYTES);
	assert_non_null(
	    subject_prefix(&a, slice_of("a"), slice_make(text, SUBJECT_PREFIX_MAX_BYTES)));
	memset(text, '\x80', SUBJECT_PREFIX_MAX_BYTES);
	assert_non_null(
	    subject_prefix(&a, slice_of("a"), slice_make(text, SUBJECT_PREFIX_MAX_BYTES)));
	arena_fini(&a);
	arena_init(&a, 64, 64);
	assert_null(subject_prefix(&a, slice_of("a"), slice_of("[SPAM]")));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_prefix),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("subject", tests, NULL, NULL);
}
