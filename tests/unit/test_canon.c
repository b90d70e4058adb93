/*
 * test_canon.c - lib/auth/canon.
 */
#include "auth/canon.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char storage[65536];
static struct buf out;

static int
put(void *to, struct slice bytes)
{
	buf_add(to, bytes);
	return 0;
}

static void
begin(struct canon *c, enum canon_kind kind)
{
	struct sink sink = {put, &out};

	buf_init(&out, storage, sizeof(storage));
	canon_init(c, kind, &sink);
}

/* Shows what differs. */
static void
expect(const char *name, size_t split, struct slice want)
{
	if (!slice_eq(buf_slice(&out), want))
		fail_msg("%s, split %zu: got %zu bytes \"%.*s\", want %zu bytes \"%.*s\"", name,
		    split, out.n, SLICE_ARG(buf_slice(&out)), want.n, SLICE_ARG(want));
}

static const struct {
	const char *name;
	const char *field;
	const char *value;
	const char *relaxed;
	const char *nofws;
} fields[] = {
    /* RFC 6376 section 3.4.5 */
    {"RFC 6376, first", "A", " X", "a:X\r\n", "A:X\r\n"},
    {"RFC 6376, second", "B ", " Y\t\r\n\tZ  ", "b:Y Z\r\n", "B:YZ\r\n"},
    {"plain", "Subject", " a b", "subject:a b\r\n", "Subject:ab\r\n"},
    {"no blank", "Subject", "a", "subject:a\r\n", "Subject:a\r\n"},
    {"empty", "Subject", "", "subject:\r\n", "Subject:\r\n"},
    {"blanks only", "Subject", " \t ", "subject:\r\n", "Subject:\r\n"},
    {"fold as LF", "To", " a,\n b", "to:a, b\r\n", "To:a,b\r\n"},
    {"begins with a fold", "To", "\r\n\ta", "to:a\r\n", "To:a\r\n"},
    {"ends with one", "To", " a\n ", "to:a\r\n", "To:a\r\n"},
    {"a line of blanks within", "To", " a\n \n b", "to:a b\r\n", "To:ab\r\n"},
    {"tab and blanks", "To", "  a \t  b\tc", "to:a b c\r\n", "To:abc\r\n"},
    {"a CR alone stays", "To", " a\rb", "to:a\rb\r\n", "To:ab\r\n"},
    {"8-bit and other white space", "X", " \xc3\xa4\v\f\xa0", "x:\xc3\xa4\v\f\xa0\r\n",
	"X:\xc3\xa4\v\f\xa0\r\n"},
};

static void
header(void **state)
{
	struct canon c;

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++) {
		begin(&c, CANON_RELAXED);
		canon_header(&c, slice_of(fields[i].field), slice_of(fields[i].value));
		canon_finish(&c);
		expect(fields[i].name, 0, slice_of(fields[i].relaxed));
		begin(&c, CANON_NOFWS);
		canon_header(&c, slice_of(fields[i].field), slice_of(fields[i].value));
		canon_finish(&c);
		expect(fields[i].name, 0, slice_of(fields[i].nofws));
	}
}

static void
header_open(void **state)
{
	struct canon c;

	(void)state;
	begin(&c, CANON_RELAXED);
	canon_header_open(&c, slice_of("DKIM-Signature"), slice_of("v=1;\n\tb="));
	canon_finish(&c);
	expect("open", 0, slice_of("dkim-signature:v=1; b="));
}

#define LONG100                                                                                    \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"890123456789"
#define LONG1000 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100 LONG100

static const struct {
	const char *name;
	struct slice body;
	struct slice relaxed;
	struct slice nofws;
} bodies[] = {
    /* RFC 6376 sections 3.4.4 and 3.4.5 */
    {"RFC 6376", SLICE_LIT(" C \r\nD \t E\r\n\r\n\r\n"), SLICE_LIT(" C\r\nD E\r\n"),
	SLICE_LIT("C\r\nDE\r\n")},
    {"nothing", SLICE_LIT(""), SLICE_LIT(""), SLICE_LIT("")},
    {"an empty line", SLICE_LIT("\r\n"), SLICE_LIT(""), SLICE_LIT("")},
    {"empty lines", SLICE_LIT("\r\n\r\n\r\n"), SLICE_LIT(""), SLICE_LIT("")},
    {"blanks only", SLICE_LIT(" \t\r\n \r\n\t"), SLICE_LIT(""), SLICE_LIT("")},
    {"a line", SLICE_LIT("a\r\n"), SLICE_LIT("a\r\n"), SLICE_LIT("a\r\n")},
    {"no end", SLICE_LIT("a\r\nb"), SLICE_LIT("a\r\nb\r\n"), SLICE_LIT("a\r\nb\r\n")},
    {"no end, blanks", SLICE_LIT("a\r\nb "), SLICE_LIT("a\r\nb\r\n"), SLICE_LIT("a\r\nb\r\n")},
    {"a last line of blanks, no end", SLICE_LIT("a\r\n "), SLICE_LIT("a\r\n"), SLICE_LIT("a\r\n")},
    {"empty lines before", SLICE_LIT("\r\n\r\na\r\n"), SLICE_LIT("\r\n\r\na\r\n"),
	SLICE_LIT("\r\n\r\na\r\n")},
    {"lines of blanks before", SLICE_LIT(" \r\n\t\r\na\r\n"), SLICE_LIT("\r\n\r\na\r\n"),
	SLICE_LIT("\r\n\r\na\r\n")},
    {"empty lines within", SLICE_LIT("a\r\n\r\n \r\nb\r\n\r\n"), SLICE_LIT("a\r\n\r\n\r\nb\r\n"),
	SLICE_LIT("a\r\n\r\n\r\nb\r\n")},
    {"blanks at the beginning", SLICE_LIT("  a\r\n\tb\r\n"), SLICE_LIT(" a\r\n b\r\n"),
	SLICE_LIT("a\r\nb\r\n")},
    {"blanks at the end", SLICE_LIT("a \r\nb\t\r\nc \t \r\n"), SLICE_LIT("a\r\nb\r\nc\r\n"),
	SLICE_LIT("a\r\nb\r\nc\r\n")},
    {"a tab is a blank", SLICE_LIT("a\tb\r\n"), SLICE_LIT("a b\r\n"), SLICE_LIT("ab\r\n")},
    {"two blanks where words meet", SLICE_LIT("1234567  90123456  89\r\n"),
	SLICE_LIT("1234567 90123456 89\r\n"), SLICE_LIT("12345679012345689\r\n")},
    {"one blank each", SLICE_LIT("1 3 5 7 9 1 3 5 7 9\r\n"), SLICE_LIT("1 3 5 7 9 1 3 5 7 9\r\n"),
	SLICE_LIT("1357913579\r\n")},
    {"a tab late", SLICE_LIT("12345678901\t3\r\n"), SLICE_LIT("12345678901 3\r\n"),
	SLICE_LIT("123456789013\r\n")},
    {"0x89 is no tab, 0xa0 no blank", SLICE_LIT("12\x89\xa0\xa0\x8a\x8d\x00z\r\n"),
	SLICE_LIT("12\x89\xa0\xa0\x8a\x8d\x00z\r\n"), SLICE_LIT("12\x89\xa0\xa0\x8a\x8d\x00z\r\n")},
    {"a CR alone", SLICE_LIT("a\rb\r\n"), SLICE_LIT("a\rb\r\n"), SLICE_LIT("ab\r\n")},
    {"blanks before a CR", SLICE_LIT("a  \rb\r\n"), SLICE_LIT("a \rb\r\n"), SLICE_LIT("ab\r\n")},
    {"CR CR LF", SLICE_LIT("a\r\r\nb\r\n"), SLICE_LIT("a\r\r\nb\r\n"), SLICE_LIT("a\r\nb\r\n")},
    {"an LF alone", SLICE_LIT("a\nb\r\n"), SLICE_LIT("a\nb\r\n"), SLICE_LIT("ab\r\n")},
    {"LF first", SLICE_LIT("\na\r\n"), SLICE_LIT("\na\r\n"), SLICE_LIT("a\r\n")},
    {"a CR at the end", SLICE_LIT("a\r"), SLICE_LIT("a\r\r\n"), SLICE_LIT("a\r\n")},
    {"a CR alone on its line", SLICE_LIT("a\r\n\r\r\n"), SLICE_LIT("a\r\n\r\r\n"),
	SLICE_LIT("a\r\n")},
    {"LF only", SLICE_LIT("a \n b\n"), SLICE_LIT("a \n b\n\r\n"), SLICE_LIT("ab\r\n")},
    {"a long line", SLICE_LIT(LONG1000 LONG1000 "\r\nb\r\n"),
	SLICE_LIT(LONG1000 LONG1000 "\r\nb\r\n"), SLICE_LIT(LONG1000 LONG1000 "\r\nb\r\n")},
    {"a long line with blanks", SLICE_LIT(LONG1000 "  " LONG1000 " \t\r\nb  c\r\n"),
	SLICE_LIT(LONG1000 " " LONG1000 "\r\nb c\r\n"), SLICE_LIT(LONG1000 LONG1000 "\r\nbc\r\n")},
    {"no end, and long", SLICE_LIT("a\r\n" LONG1000 "  \t" LONG1000 LONG1000),
	SLICE_LIT("a\r\n" LONG1000 " " LONG1000 LONG1000 "\r\n"),
	SLICE_LIT("a\r\n" LONG1000 LONG1000 LONG1000 "\r\n")},
};

static void
body_run(enum canon_kind kind, struct slice body, size_t at, size_t step)
{
	struct canon c;

	begin(&c, kind);
	canon_body(&c, slice_head(body, at));
	for (body = slice_from(body, at); body.n > 0; body = slice_from(body, step))
		canon_body(&c, slice_head(body, step));
	canon_finish(&c);
}

/* Whole; in two, wherever; byte by byte; in a few sizes. */
static void
body_any_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct slice body = bodies[i].body;

		for (size_t at = 0; at <= body.n; at++) {
			body_run(CANON_RELAXED, body, at, body.n);
			expect(bodies[i].name, at, bodies[i].relaxed);
			body_run(CANON_NOFWS, body, at, body.n);
			expect(bodies[i].name, at, bodies[i].nofws);
		}
		for (size_t step = 1; step <= 7; step += 2) {
			body_run(CANON_RELAXED, body, 0, step);
			expect(bodies[i].name, step, bodies[i].relaxed);
			body_run(CANON_NOFWS, body, 0, step);
			expect(bodies[i].name, step, bodies[i].nofws);
		}
	}
}

/* White space at any place of lines of any length: eight bytes are looked at together. */
static void
each_place(void **state)
{
	static const struct {
		const char *blanks;
		const char *relaxed;
	} rows[] = {{" ", " "}, {"\t", " "}, {"  ", " "}, {" \t", " "}, {"\t ", " "}};

	(void)state;
	for (size_t n = 0; n < 40; n++)
		for (size_t i = 0; i < COUNT(rows) * (n + 1); i++) {
			size_t at = i / COUNT(rows);
			const char *blanks = rows[i % COUNT(rows)].blanks;
			const char *relaxed = at == n ? "" : rows[i % COUNT(rows)].relaxed;
			char body[256], want[256];

			(void)snprintf(body, sizeof(body), "x%.*s%s%.*s\r\n", (int)at, LONG100,
			    blanks, (int)(n - at), LONG100);
			(void)snprintf(want, sizeof(want), "x%.*s%s%.*s\r\n", (int)at, LONG100,
			    relaxed, (int)(n - at), LONG100);
			body_run(CANON_RELAXED, slice_of(body), 0, sizeof(body));
			expect(body, n, slice_of(want));
			(void)snprintf(want, sizeof(want), "x%.*s%.*s\r\n", (int)at, LONG100,
			    (int)(n - at), LONG100);
			body_run(CANON_NOFWS, slice_of(body), 0, sizeof(body));
			expect(body, n, slice_of(want));
		}
}

/* Header and body in one hash: the line between them is only there when there is a body. */
static void
domainkeys(void **state)
{
	static const struct {
		const char *body;
		const char *want;
	} rows[] = {
	    {"", "A:b\r\n"},
	    {"\r\n \r\n", "A:b\r\n"},
	    {"c d\r\n\r\n", "A:b\r\n\r\ncd\r\n"},
	    {"\r\nc\r\n", "A:b\r\n\r\n\r\nc\r\n"},
	    {" \r\nc", "A:b\r\n\r\n\r\nc\r\n"},
	};
	struct canon c;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(&c, CANON_NOFWS);
		canon_header(&c, slice_of("A"), slice_of(" b"));
		canon_eoh(&c);
		canon_body(&c, slice_of(rows[i].body));
		canon_finish(&c);
		expect(rows[i].body, 0, slice_of(rows[i].want));
	}
}

/* More than fits into what is kept: nothing is lost between the two ways to put. */
static void
much(void **state)
{
	static char body[49152], want[49152];
	struct buf in = BUF_OVER(body), expected = BUF_OVER(want);

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		const char *text = i % 3 == 0 ? "clean line here" : i % 3 == 1 ? "two  blanks" : "";

		for (unsigned k = 0; k < i % 8; k++) {
			buf_add_text(&in, text);
			buf_add_text(&expected, i % 3 == 1 ? "two blanks" : text);
		}
		buf_add_text(&in, "\r\n");
		buf_add_text(&expected, "\r\n");
	}
	buf_add_text(&in, "end\r\n");
	buf_add_text(&expected, "end\r\n");
	assert_false(in.over || expected.over);
	for (size_t step = 1; step < in.n; step = step * 3 + 1) {
		body_run(CANON_RELAXED, buf_slice(&in), step, step);
		expect("much", step, buf_slice(&expected));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(header),
	    cmocka_unit_test(header_open),
	    cmocka_unit_test(body_any_split),
	    cmocka_unit_test(each_place),
	    cmocka_unit_test(domainkeys),
	    cmocka_unit_test(much),
	};

	return cmocka_run_group_tests_name("canon", tests, NULL, NULL);
}
