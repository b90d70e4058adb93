/*
 * test_mime.c - lib/mail/mime and mime_part.
 */
#include "mail/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

/* What is wanted: a line for each part: depth, type, u and f with what it is under and its flaws in
 * hex, and of a leaf the body, with "|" for each CRLF and "!" for each LF. */
static const struct {
	const char *name;
	const char *text;
	const char *want;
} rows[] = {
    {"empty", "", "0 text/plain []\n"},
    {"no body", "A: b\r\n\r\n", "0 text/plain []\n"},
    {"no fields", "\r\nHello\r\n", "0 text/plain [Hello|]\n"},
    {"plain", "A: b\r\n\r\nHello\r\n--b\r\n", "0 text/plain [Hello|--b|]\n"},
    {"html", "Content-Type: Text/HTML\r\n\r\nHello", "0 Text/HTML [Hello]\n"},
    {"a type that is none", "Content-Type: html\r\n\r\nx", "0 text/plain f1 [x]\n"},
    {"two types", "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\nx", "0 a/b f2 [x]\n"},
    {"two parts",
	MIXED "pre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: a/b\r\n\r\ntwo\r\n--b--\r\nepi",
	"0 multipart/mixed\n1 text/plain [one]\n1 a/b [two]\n"},
    {"the same with LF",
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nA: b\n\n\n\n--b--\n",
	"0 multipart/mixed\n1 text/plain [one]\n1 text/plain [!]\n"},
    {"a part of one empty line", MIXED "--b\r\n\r\n\r\n--b--\r\n",
	"0 multipart/mixed\n1 text/plain []\n"},
    {"of nothing", MIXED "--b\r\n\r\n--b--\r\n", "0 multipart/mixed\n1 text/plain []\n"},
    {"of a header", MIXED "--b\r\nContent-Type: a/b\r\n--b--\r\n", "0 multipart/mixed\n1 a/b []\n"},
    {"blanks behind delimiters", MIXED "--b \t\r\n\r\nx\r\n--b-- \r\n",
	"0 multipart/mixed\n1 text/plain [x]\n"},
    {"what is no delimiter",
	MIXED "--b\r\n\r\n --b\r\n--bb\r\n-b\r\n--b-\r\n--b --\r\n--B\r\n--b--\r\n",
	"0 multipart/mixed\n1 text/plain [ --b|--bb|-b|--b-|--b --|--B]\n"},
    {"two delimiters in a row", MIXED "--b\r\n--b\r\n\r\nx\r\n--b\r\n--b--\r\n",
	"0 multipart/mixed\n1 text/plain [x]\n"},
    {"not closed", MIXED "--b\r\n\r\nx\r\n", "0 multipart/mixed f10\n1 text/plain [x|]\n"},
    {"not closed, nothing in it", MIXED "--b\r\n", "0 multipart/mixed f10\n1 text/plain []\n"},
    {"not begun", MIXED "x\r\n--b--\r\n--b\r\n", "0 multipart/mixed f8\n"},
    {"delimiters that are not there", MIXED "x\r\n--c\r\n\r\ny\r\n--c--\r\n",
	"0 multipart/mixed f18\n"},
    {"no boundary", "Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nx\r\n",
	"0 multipart/mixed f18\n"},
    {"after the end", MIXED "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n",
	"0 multipart/mixed\n1 text/plain [x]\n"},
    {"no empty line", MIXED "--b\r\nContent-Type: a/b\r\nx y\r\n--b--\r\n",
	"0 multipart/mixed\n1 a/b f4 [x y]\n"},
    {"no header at all", MIXED "--b\r\nx y\r\n--b--\r\n",
	"0 multipart/mixed\n1 text/plain f4 [x y]\n"},
    {"begins with a fold", MIXED "--b\r\n a\r\nContent-Type: a/b\r\n\r\nx\r\n--b--\r\n",
	"0 multipart/mixed\n1 a/b f4 [x]\n"},
    {"a fold", MIXED "--b\r\nContent-Type:\r\n a/b\r\n\r\nx\r\n--b--\r\n",
	"0 multipart/mixed\n1 a/b [x]\n"},
    {"within each other",
	MIXED
	"--b\r\nContent-Type: multipart/alternative; boundary=\"c d\"\r\n\r\n--c d\r\n\r\none\r\n"
	"--c d--\r\n\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
	"0 multipart/mixed\n1 multipart/alternative\n2 text/plain [one]\n1 text/plain [two]\n"},
    {"the inner one is not closed",
	MIXED "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\none\r\n"
	      "--b\r\n\r\ntwo\r\n--c\r\n--b--\r\n",
	"0 multipart/mixed\n1 multipart/alternative f10\n2 text/plain [one]\n"
	"1 text/plain [two|--c]\n"},
    {"the same boundary",
	MIXED
	"--b\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n",
	"0 multipart/mixed\n1 multipart/alternative f18\n1 text/plain [one]\n"},
    {"one boundary begins another",
	"Content-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n"
	"Content-Type: multipart/alternative; "
	"boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n--bb--\r\n",
	"0 multipart/mixed\n1 multipart/alternative\n2 text/plain [one]\n"},
    {"a message",
	"Content-Type: message/rfc822\r\n\r\nA: b\r\nContent-Type: text/html\r\n\r\nx\r\n",
	"0 message/rfc822\n1 text/html u8 [x|]\n"},
    {"an empty message", "Content-Type: message/rfc822\r\n\r\n",
	"0 message/rfc822\n1 text/plain u8 []\n"},
    {"from a mailbox", "Content-Type: message/rfc822\r\n\r\n>From a Mon\r\nA: b\r\n\r\nx\r\n",
	"0 message/rfc822\n1 text/plain u8 [x|]\n"},
    {"a message with parts",
	MIXED "--b\r\nContent-Type: message/global\r\n\r\nContent-Type: multipart/signed;\r\n"
	      " boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
	"0 multipart/mixed\n1 message/global\n2 multipart/signed u8\n3 text/plain u9 [x]\n"},
    {"a digest",
	"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nA: b\r\n\r\nx\r\n--b\r\n"
	"Content-Type: text/plain\r\n\r\ny\r\n--b--\r\n",
	"0 multipart/digest\n1 message/rfc822\n2 text/plain u8 [x]\n1 text/plain [y]\n"},
    {"a report",
	"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: "
	"message/delivery-status\r\n\r\nA: b\r\n\r\nC: d\r\n--b--\r\n",
	"0 multipart/report\n1 message/delivery-status u4 [A: b||C: d]\n"},
    {"encrypted", "Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
	"0 multipart/encrypted\n1 text/plain u2 [x]\n"},
    {"two boundaries",
	"Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
	"0 multipart/mixed f20\n1 text/plain u20 [x]\n"},
    {"two charsets", "Content-Type: a/b; charset=x; charset*=y\r\n\r\nx", "0 a/b f20 [x]\n"},
    {"a multipart that says it is encoded",
	"Content-Transfer-Encoding: base64\r\n" MIXED "--b\r\n\r\nx\r\n--b--\r\n",
	"0 multipart/mixed\n1 text/plain u10 [x]\n"},
};

static void
body_dump(struct buf *out, struct slice body)
{
	buf_add_text(out, " [");
	for (size_t i = 0; i < body.n; i++) {
		if (body.p[i] == '\n')
			buf_add_char(out, i > 0 && body.p[i - 1] == '\r' ? '|' : '!');
		else if (body.p[i] != '\r')
			buf_add_char(out, body.p[i]);
	}
	buf_add_char(out, ']');
}

static void
mime_dump(struct buf *out, const struct message *message, const struct mime *mime)
{
	for (size_t i = 0; i < mime->n; i++) {
		const struct mime_part *part = &mime->v[i];

		buf_add_format(out, "%u %.*s/%.*s", part->depth, SLICE_ARG(part->type),
		    SLICE_ARG(part->subtype));
		if (part->under != 0)
			buf_add_format(out, " u%x", part->under);
		if (part->flaws != 0)
			buf_add_format(out, " f%x", part->flaws);
		if (part->kind == MIME_LEAF)
			body_dump(
			    out, slice_make(message->body.p + part->body.offset, part->body.n));
		buf_add_char(out, '\n');
	}
}

static void
test_parts(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[1000];
		struct buf got = BUF_OVER(text);
		struct message message;
		struct mime mime;

		print_message("  %s\n", rows[i].name);
		arena_reset(&a);
		assert_int_equal(message_parse(&a, slice_of(rows[i].text), &message), 0);
		assert_int_equal(mime_scan(&a, &message, &mime), 0);
		assert_int_equal(mime.over, MIME_OVER_NONE);
		mime_dump(&got, &message, &mime);
		assert_string_equal(buf_text(&got), rows[i].want);
	}
	arena_fini(&a);
}

#define INNER                                                                                      \
	"Content-Type: text/html; charset=\"UTF-8\"; name=no\r\n"                                  \
	"Content-Transfer-Encoding :\r\n quoted-printable\r\n"                                     \
	"Content-Disposition: attachment; filename*=utf-8''a%20b\r\n"

static void
test_facts(void **state)
{
	static const char text[] = MIXED "pre\r\n--b\r\n" INNER "\r\nx=3D\r\n--b--\r\nepilogue\r\n";
	struct message message;
	const struct mime_part *part;
	struct mime mime;
	struct arena a;
	size_t header = strlen("pre\r\n--b\r\n");

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(text), &message), 0);
	assert_int_equal(mime_scan(&a, &message, &mime), 0);
	assert_int_equal(mime.n, 2);
	part = &mime.v[0];
	assert_int_equal(part->kind, MIME_MULTIPART);
	assert_int_equal(part->header.n, 0);
	assert_int_equal(part->body.offset, 0);
	assert_int_equal(part->body.n, message.body.n);
	assert_false(part->has_encoding);
	assert_true(slice_eq(part->boundary, slice_of("b")));
	assert_null(part->charset.p);
	part = &mime.v[1];
	assert_int_equal(part->parent, 0);
	assert_int_equal(part->header.offset, header);
	assert_int_equal(part->header.n, strlen(INNER));
	assert_int_equal(part->body.offset, header + strlen(INNER) + 2);
	assert_int_equal(part->body.n, 4);
	assert_true(slice_eq(
	    slice_make(message.body.p + part->encoding_field.offset, part->encoding_field.n),
	    slice_of("Content-Transfer-Encoding :\r\n quoted-printable\r\n")));
	assert_int_equal(part->encoding, TRANSFER_QP);
	assert_int_equal(part->disposition, MIME_ATTACHMENT);
	assert_true(slice_eq(part->charset, slice_of("UTF-8")));
	assert_true(slice_eq(part->name, slice_of("a b")));
	assert_true(mime_is(part, "TEXT", "HTML"));
	assert_true(mime_is(part, "text", NULL));
	assert_false(mime_is(part, "text", "plain"));
	arena_fini(&a);
}

/* n times one text behind another, on the heap. */
static char *
repeat(const char *first, const char *text, size_t n)
{
	size_t begin = strlen(first), step = strlen(text);
	char *p = malloc(begin + n * step + 1);

	assert_non_null(p);
	memcpy(p, first, begin + 1);
	for (size_t i = 0; i < n; i++)
		memcpy(p + begin + i * step, text, step + 1);
	return p;
}

static void
test_bounds(void **state)
{
	static const struct {
		const char *name, *first, *text;
		size_t n;
		enum mime_over want;
	} bounds[] = {
	    {"depth", "", "Content-Type: message/rfc822\r\n\r\n", MIME_DEPTH_MAX - 1,
		MIME_OVER_NONE},
	    {"too deep", "", "Content-Type: message/rfc822\r\n\r\n", MIME_DEPTH_MAX,
		MIME_OVER_DEPTH},
	    {"parts", MIXED, "--b\r\n\r\nx\r\n", MIME_PARTS_MAX - 1, MIME_OVER_NONE},
	    {"too many parts", MIXED, "--b\r\n\r\nx\r\n", MIME_PARTS_MAX, MIME_OVER_PARTS},
	    {"header", MIXED "--b\r\n", "A: 45678\r\n", MIME_HEADER_MAX_BYTES / 10, MIME_OVER_NONE},
	    {"too long a header", MIXED "--b\r\n", "A: 45678\r\n", MIME_HEADER_MAX_BYTES / 10 + 1,
		MIME_OVER_HEADER},
	};
	struct message message;
	struct mime mime;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 4 * 1024 * 1024);
	for (size_t i = 0; i < COUNT(bounds); i++) {
		char *text = repeat(bounds[i].first, bounds[i].text, bounds[i].n);

		print_message("  %s\n", bounds[i].name);
		arena_reset(&a);
		assert_int_equal(message_parse(&a, slice_of(text), &message), 0);
		assert_int_equal(mime_scan(&a, &message, &mime), 0);
		assert_int_equal(mime.over, bounds[i].want);
		free(text);
	}
	arena_fini(&a);
	arena_init(&a, 64, 64);
	message = (struct message){.body = slice_of("x")};
	assert_int_equal(mime_scan(&a, &message, &mime), -1);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
