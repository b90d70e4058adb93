/*
 * test_sevenbit.c - lib/mail/sevenbit.
 */
#include "mail/sevenbit.h"

#include "mime_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define MIME   "MIME-Version: 1.0\n"
#define CTE    "Content-Transfer-Encoding: "
#define MULTI  "Content-Type: multipart/mixed; boundary=b\n"
#define END    "--b--\r\n"
#define SIGNED "Content-Type: multipart/signed; boundary=b\n"

#define L25  "0123456789012345678901234"
#define L100 L25 L25 L25 L25
#define L900 L100 L100 L100 L100 L100 L100 L100 L100 L100
#define L990 L900 L25 L25 L25 "012345678901234"

/* The header has LF for each line end, the body CRLF. */
static const struct {
	const char *name;
	const char *header, *body;
	const char *want_header, *want_body; /* NULL: as before */
	const char *left;                    /* the only reason; NULL: none */
	size_t recoded, relabelled;
} rows[] = {
    {"ASCII", "A: b\n", "Hello\r\n", NULL, NULL, NULL, 0, 0},
    {"nothing", "", "", NULL, NULL, NULL, 0, 0},
    {"8 bits", MIME, "Many \xc3\xbc\r\n", MIME CTE "quoted-printable\n", "Many =C3=BC\r\n", NULL, 1,
	0},
    {"with a sum of the content", MIME "Content-MD5: x\n", "\xfc\r\n",
	MIME "Content-MD5: x\n" CTE "quoted-printable\n", "=FC\r\n", NULL, 1, 0},
    {"two boundaries", MIME "Content-Type: multipart/mixed; boundary=b; boundary=c\n",
	"--b\r\n\r\n\xfc is\r\n" END, NULL, NULL, "header", 0, 0},
    {"two charsets", MIME "Content-Type: text/plain; charset=a; charset=b\n", "Many \xc3\xbc\r\n",
	MIME "Content-Type: text/plain; charset=a; charset=b\n" CTE "quoted-printable\n",
	"Many =C3=BC\r\n", NULL, 1, 0},
    {"without MIME-Version", "A: b\n", "\xfc is\r\n",
	"A: b\n" CTE "quoted-printable\nMIME-Version: 1.0\n", "=FC is\r\n", NULL, 1, 0},
    {"labelled 8bit", MIME CTE "8bit\nA: b\n", "\xfc is\r\n", MIME CTE "quoted-printable\nA: b\n",
	"=FC is\r\n", NULL, 1, 0},
    {"labelled 7bit", MIME CTE "7bit\n", "\xfc is\r\n", MIME CTE "quoted-printable\n", "=FC is\r\n",
	NULL, 1, 0},
    {"mostly 8 bits", MIME CTE "8bit\n", "\xc3\xbc\xc3\xbc\r\n", MIME CTE "base64\n",
	"w7zDvA0K\r\n", NULL, 1, 0},
    {"ASCII, labelled 8bit", MIME CTE "8bit\n", "Hello\r\n", MIME CTE "7bit\n", NULL, NULL, 0, 1},
    {"ASCII, labelled binary, no version", CTE "Binary\n", "Hello\r\n", CTE "7bit\n", NULL, NULL, 0,
	1},
    {"CR alone", MIME, "Hello\rworld\r\n", MIME CTE "quoted-printable\n", "Hello=0Dworld\r\n", NULL,
	1, 0},
    {"LF alone", MIME, "Hello\nworld\r\n", MIME CTE "quoted-printable\n", "Hello=0Aworld\r\n", NULL,
	1, 0},
    {"the longest line", MIME, L990 "\r\n", NULL, NULL, NULL, 0, 0},
    {"a line too long, in base64", MIME CTE "base64\n", "QUJD" L990 "0=\r\n", MIME CTE "base64\n",
	"QUJD01234567890123456789012340123456789012345678901234012345678901234567890\r\n", NULL, 1,
	0},
    {"8 bits in quoted-printable", MIME CTE "quoted-printable\n", "\xfc=FC is=\r\n it\r\n",
	MIME CTE "quoted-printable\n", "=FC=FC is it\r\n", NULL, 1, 0},
    {"8 bits in base64", MIME CTE "base64\n", "QUJD\xfc\r\n", NULL, NULL, "damaged", 0, 0},
    {"quoted-printable that is not clear", MIME CTE "quoted-printable\n", "\xfc=\xfc\r\n", NULL,
	NULL, "damaged", 0, 0},
    {"an encoding that nobody knows", MIME CTE "8bits\n", "\xfc\r\n", NULL, NULL, "encoding", 0, 0},
    {"two encodings", MIME CTE "8bit\n" CTE "base64\n", "\xfc\r\n", NULL, NULL, "header", 0, 0},
    {"one part of two", MIME MULTI,
	"pre\r\n--b\r\nContent-Type: text/html\r\n\r\n\xfc is\r\n--b\r\n\r\ntwo\r\n" END, NULL,
	"pre\r\n--b\r\nContent-Type: text/html\r\n" CTE
	"quoted-printable\r\n\r\n=FC is\r\n--b\r\n\r\ntwo\r\n" END,
	NULL, 1, 0},
    {"its field stands in the middle", MIME MULTI,
	"--b\r\nA: b\r\n" CTE "8bit\r\nC: d\r\n\r\n\xfc is\r\n" END, NULL,
	"--b\r\nA: b\r\n" CTE "quoted-printable\r\nC: d\r\n\r\n=FC is\r\n" END, NULL, 1, 0},
    {"labels all the way up", MIME CTE "8bit\n" MULTI, "--b\r\n" CTE "8bit\r\n\r\nx\r\n" END,
	MIME CTE "7bit\n" MULTI, "--b\r\n" CTE "7bit\r\n\r\nx\r\n" END, NULL, 0, 2},
    {"a label for a message", MIME MULTI,
	"--b\r\nContent-Type: message/rfc822\r\n" CTE "8bit\r\n\r\nA: b\r\n\r\nx\r\n" END, NULL,
	"--b\r\nContent-Type: message/rfc822\r\n" CTE "7bit\r\n\r\nA: b\r\n\r\nx\r\n" END, NULL, 0,
	1},
    {"signed", MIME CTE "8bit\n" SIGNED, "--b\r\n" CTE "8bit\r\n\r\n\xfc\r\n--b\r\n\r\nx\r\n" END,
	NULL, NULL, "signed", 0, 0},
    {"signed ASCII, labelled", MIME SIGNED, "--b\r\n" CTE "8bit\r\n\r\nx\r\n" END, NULL, NULL,
	"signed", 0, 0},
    {"encrypted", MIME "Content-Type: multipart/encrypted; boundary=b\n", "--b\r\n\r\n\xfc\r\n" END,
	NULL, NULL, "encrypted", 0, 0},
    {"within a message", MIME "Content-Type: message/rfc822\n" CTE "8bit\n", "A: b\r\n\r\n\xfc\r\n",
	NULL, NULL, "message", 0, 0},
    {"a report's fields", MIME "Content-Type: message/delivery-status\n", "A: \xfc\r\n", NULL, NULL,
	"message", 0, 0},
    {"a header without end", MIME MULTI, "--b\r\n\xfc\r\n" END, NULL, NULL, "header", 0, 0},
    {"8 bits in a header", MIME MULTI, "--b\r\nA: \xfc\r\n\r\nx\r\n" END, NULL, NULL, "header", 0,
	0},
    {"before the first part", MIME MULTI, "\xfc\r\n--b\r\n\r\nx\r\n" END, NULL, NULL, "between", 0,
	0},
    {"behind the last part", MIME CTE "8bit\n" MULTI, "--b\r\n\r\nx\r\n" END "\xfc\r\n", NULL, NULL,
	"between", 0, 0},
    {"no part at all", MIME MULTI, "\xfc\r\n", NULL, NULL, "between", 0, 0},
    {"a multipart that is encoded", MIME CTE "base64\n" MULTI, "--b\r\n\r\n\xfc\r\n" END, NULL,
	NULL, "encoding", 0, 0},
};

static void
fields_format(struct buf *out, const struct message *m)
{
	for (size_t i = 0; i < m->n; i++) {
		buf_add(out, m->v[i].name);
		buf_add_char(out, ':');
		buf_add(out, m->v[i].value);
		buf_add_char(out, '\n');
	}
}

static void
row_run(struct arena *a, size_t i)
{
	char text[5000], header[1000];
	struct buf whole = BUF_OVER(text), fields = BUF_OVER(header);
	const char *want = rows[i].want_body != NULL ? rows[i].want_body : rows[i].body;
	struct heap_text body = {NULL, 0, 0};
	struct sevenbit result;
	struct message m;

	buf_add_text(&whole, rows[i].header);
	buf_add_char(&whole, '\n');
	buf_add_text(&whole, rows[i].body);
	assert_int_equal(message_parse(a, buf_slice(&whole), &m), 0);
	assert_null(sevenbit_check(a, &m, &result, &body));
	if (strstr(rows[i].name, "too long") == NULL)
		assert_true(slice_eq(heap_slice(&body), slice_of(want)));
	else
		assert_true(slice_starts(heap_slice(&body), slice_head(slice_of(want), 70)));
	free(body.p);
	fields_format(&fields, &m);
	assert_string_equal(
	    buf_text(&fields), rows[i].want_header != NULL ? rows[i].want_header : rows[i].header);
	assert_int_equal(result.recoded, rows[i].recoded);
	assert_int_equal(result.relabelled, rows[i].relabelled);
	assert_int_equal(result.left, rows[i].left != NULL);
	for (size_t r = 0; r < SEVENBIT_REASONS; r++)
		if (result.why[r] > 0)
			assert_string_equal(
			    sevenbit_reason_name((enum sevenbit_reason)r), rows[i].left);
}

static void
test_rows(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("  %s\n", rows[i].name);
		arena_reset(&a);
		row_run(&a, i);
	}
	arena_fini(&a);
}

/* Who was there before says it is in order. */
static void
test_touched(void **state)
{
	static const char text[] = MIME MULTI
	    "\n--b\r\n\r\n\xfc is\r\n--b\r\n\r\n\xfc is too\r\n" END;
	struct edits edits = {.n = 0};
	struct heap_text out = {NULL, 0, 0};
	struct body_edits body;
	struct sevenbit result;
	struct message m;
	struct mime mime;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(text), &m), 0);
	assert_int_equal(mime_scan(&a, &m, &mime), 0);
	body_edits_init(&body, &a);
	assert_int_equal(body_edits_replace(&body, mime.v[1].body.offset, 1, slice_of("ue")), 0);
	assert_int_equal(sevenbit_make(&m, &mime, &edits, &body, &result), 0);
	assert_int_equal(result.recoded, 1);
	assert_int_equal(result.left, 0);
	assert_int_equal(body_edits_apply_to(&body, m.body, &(struct sink){heap_put, &out}), 0);
	assert_true(
	    slice_eq(heap_slice(&out), slice_of("--b\r\n\r\nue is\r\n--b\r\n" CTE
						"quoted-printable\r\n\r\n=FC is too\r\n" END)));
	free(out.p);
	arena_fini(&a);
}

static void
test_no_room(void **state)
{
	static struct edits edits;
	struct body_edits body;
	struct sevenbit result;
	struct message m;
	struct mime mime;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(MIME "\n\xfc is\r\n"), &m), 0);
	assert_int_equal(mime_scan(&a, &m, &mime), 0);
	body_edits_init(&body, &a);
	edits.n = EDITS_MAX - 1;
	assert_int_equal(sevenbit_make(&m, &mime, &edits, &body, &result), 0);
	assert_int_equal(edits.n, EDITS_MAX - 1);
	assert_int_equal(body.n, 0);
	assert_int_equal(result.why[SEVENBIT_LIMIT], 1);
	edits.n = 0;
	mime.over = MIME_OVER_DEPTH;
	assert_int_equal(sevenbit_make(&m, &mime, &edits, &body, &result), 0);
	assert_int_equal(edits.n + body.n, 0);
	assert_int_equal(result.why[SEVENBIT_LIMIT], 1);
	a.failed = true;
	assert_int_equal(sevenbit_make(&m, &mime, &edits, &body, &result), -1);
	arena_fini(&a);
}

/* A part is encoded, labelled, and the message given a MIME-Version: all of it, or nothing. */
static void
test_last_room(void **state)
{
	static struct edits edits;
	struct body_edits body;
	struct sevenbit result;
	struct message m;
	struct mime mime;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of("Subject: x\n\n\xfc is\r\n"), &m), 0);
	assert_int_equal(mime_scan(&a, &m, &mime), 0);
	for (size_t room = 0; room <= 3; room++) {
		size_t before = EDITS_MAX - room;

		body_edits_init(&body, &a);
		edits.n = before;
		assert_int_equal(sevenbit_make(&m, &mime, &edits, &body, &result), 0);
		assert_int_equal(edits.n, room < 2 ? before : before + 2);
		assert_int_equal(body.n, room < 2 ? 0 : 1);
		assert_int_equal(result.recoded, room < 2 ? 0 : 1);
	}
	body_edits_init(&body, &a);
	edits.n = 0;
	a.failed = true;
	assert_int_equal(sevenbit_make(&m, &mime, &edits, &body, &result), -1);
	assert_int_equal(edits.n + body.n + result.recoded, 0);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_last_room),
	    cmocka_unit_test(test_touched),
	    cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests_name("sevenbit", tests, NULL, NULL);
}
