/*
 * test_message.c - lib/mail/message.
 */
#include "mail/message.h"

#include "mail/body_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct arena arena;

static int
arena_begin(void **state)
{
	(void)state;
	arena_init(&arena, 4096, 1024 * 1024);
	return 0;
}

static int
arena_end(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void
test_parse(void **state)
{
	static const struct {
		const char *name, *text;
		size_t n;
		const char *first_name, *first_value, *body;
	} rows[] = {
	    {"two fields", "A: 1\nB: 2\n\nbody\n", 2, "A", " 1", "body\n"},
	    {"CRLF", "A: 1\r\nB:2\r\n\r\nbody\r\n", 2, "A", " 1", "body\r\n"},
	    {"folded", "A: 1\n\t2\n 3\n\n", 1, "A", " 1\n\t2\n 3", ""},
	    {"no blank", "A:1\n\n", 1, "A", "1", ""},
	    {"empty value", "A:\n\n", 1, "A", "", ""},
	    {"blank before the colon", "A \t: 1\n\n", 1, "A", " 1", ""},
	    {"no body", "A: 1\n", 1, "A", " 1", ""},
	    {"no line end", "A: 1", 1, "A", " 1", ""},
	    {"no header", "\nbody", 0, NULL, NULL, "body"},
	    {"nothing", "", 0, NULL, NULL, ""},
	    {"a line that is no field ends it", "A: 1\nnonsense\nB: 2\n", 1, "A", " 1",
		"nonsense\nB: 2\n"},
	    {"a fold first", " A: 1\n\nbody", 0, NULL, NULL, " A: 1\n\nbody"},
	    {"a colon first", ": 1\n", 0, NULL, NULL, ": 1\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message m;

		assert_int_equal(message_parse(&arena, slice_of(rows[i].text), &m), 0);
		if (m.n != rows[i].n || !slice_eq(m.body, slice_of(rows[i].body)))
			fail_msg(
			    "%s: %zu fields, body \"%.*s\"", rows[i].name, m.n, SLICE_ARG(m.body));
		if (m.n > 0 && (!slice_eq(m.v[0].name, slice_of(rows[i].first_name)) ||
				   !slice_eq(m.v[0].value, slice_of(rows[i].first_value))))
			fail_msg("%s: \"%.*s\": \"%.*s\"", rows[i].name, SLICE_ARG(m.v[0].name),
			    SLICE_ARG(m.v[0].value));
	}
}

/* What the edits of one message make of it. */
static void
applied(const struct edits *edits, const char *want)
{
	static const char text[] = "A: 1\nb: 2\nB: 3\nC: 4\nB: 5\n\nbody";
	char storage[512];
	struct buf out = BUF_OVER(storage);
	struct message m;

	assert_int_equal(message_parse(&arena, slice_of(text), &m), 0);
	assert_int_equal(message_apply(&arena, &m, edits), 0);
	message_format(&m, &out);
	assert_string_equal(buf_text(&out), want);
}

static void
test_apply(void **state)
{
	struct edits edits = {.n = 0};

	(void)state;
	applied(&edits, "A: 1\nb: 2\nB: 3\nC: 4\nB: 5\n\nbody");
	assert_int_equal(edits_delete_header(&edits, 3, "B"), 0);
	assert_int_equal(edits_delete_header(&edits, 1, "B"), 0);
	applied(&edits, "A: 1\nB: 3\nC: 4\n\nbody");
	assert_int_equal(edits_insert_header(&edits, 0, "First", "x"), 0);
	assert_int_equal(edits_insert_header(&edits, 0, "Zeroth", "y\n\tz"), 0);
	assert_int_equal(edits_insert_header(&edits, 99, "Last", "l"), 0);
	applied(&edits, "Zeroth: y\n\tz\nFirst: x\nA: 1\nB: 3\nC: 4\nLast: l\n\nbody");
	assert_int_equal(edits_change_header(&edits, 1, "c", "new"), 0);
	assert_int_equal(edits_change_header(&edits, 1, "D", "was not there"), 0);
	assert_int_equal(edits_delete_header(&edits, 2, "A"), 0);
	applied(&edits,
	    "Zeroth: y\n\tz\nFirst: x\nA: 1\nB: 3\nC: new\nLast: l\nD: was not there\n\nbody");
}

/* More fields than are looked at: the rest is body, and nothing is lost. */
static void
test_many(void **state)
{
	char *text = arena_alloc(&arena, 3000 * 5 + 1);
	char *back = arena_alloc(&arena, 3000 * 5 + 16);
	struct buf out;
	struct message m;

	(void)state;
	for (int i = 0; i < 3000; i++)
		memcpy(text + (ptrdiff_t)i * 5, "A: 1\n", 5);
	assert_int_equal(message_parse(&arena, slice_make(text, 15000), &m), 0);
	assert_int_equal(m.n, MESSAGE_FIELDS_MAX);
	assert_int_equal(m.body.n, 15000 - 5 * MESSAGE_FIELDS_MAX);
	buf_init(&out, back, 15016);
	message_format(&m, &out);
	assert_false(out.over);
	assert_int_equal(out.n, 15001);
}

static bool
same_fields(const struct message *a, const struct message *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		if (!slice_eq(a->v[i].name, b->v[i].name) ||
		    !slice_eq(a->v[i].value, b->v[i].value))
			return false;
	}
	return a->n == b->n;
}

/* The fields of another message, from storage that is overwritten at once. */
static void
add_all(struct message *to, const struct message *from)
{
	char storage[8192];

	for (size_t i = 0; i < from->n; i++) {
		struct slice name = from->v[i].name, value = from->v[i].value;

		assert_true(name.n + value.n <= sizeof(storage));
		memcpy(storage, name.p, name.n);
		memcpy(storage + name.n, value.p, value.n);
		assert_int_equal(message_add(&arena, to, slice_make(storage, name.n),
				     slice_make(storage + name.n, value.n)),
		    0);
		memset(storage, '#', sizeof(storage));
	}
}

/* A header of up to 300 fields that nobody made up by hand, the same for the same seed. */
static struct slice
random_header(unsigned seed)
{
	static const char *const names[] = {"A", "Subject", "X-Long-Name", "b \t", "B"};
	static const char *const values[] = {"", " ", " 1", "x", " a\n\tb", " a\n b\n\tc", "\t:"};
	char *p = arena_alloc(&arena, 16384);
	struct buf out;

	buf_init(&out, p, 16384);
	for (unsigned n = seed * 7 % 301; n > 0; n--) {
		seed = seed * 1103515245u + 12345u;
		buf_add_text(&out, names[seed / 65536 % COUNT(names)]);
		buf_add_char(&out, ':');
		buf_add_text(&out, values[seed / 8388608 % COUNT(values)]);
		buf_add_char(&out, '\n');
	}
	buf_add_text(&out, "\nbody");
	assert_false(out.over);
	return buf_slice(&out);
}

/* What comes field by field is the message that would have been parsed. */
static void
test_add(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 500; seed++) {
		struct message parsed, added = {.n = 0};

		arena_reset(&arena);
		assert_int_equal(message_parse(&arena, random_header(seed), &parsed), 0);
		add_all(&added, &parsed);
		if (!same_fields(&parsed, &added))
			fail_msg("seed %u", seed);
	}
}

static void
test_add_name(void **state)
{
	struct message m = {.n = 0};

	(void)state;
	assert_int_equal(message_add(&arena, &m, slice_of("Subject \t"), slice_of(" x")), 0);
	assert_true(slice_eq(m.v[0].name, slice_of("Subject")));
	assert_int_equal(message_add(&arena, &m, slice_of(""), slice_of("")), 0);
	assert_int_equal(m.v[1].name.n + m.v[1].value.n, 0);
}

static void
test_add_bounds(void **state)
{
	struct message m = {.n = 0}, before;
	struct arena small;

	(void)state;
	for (int i = 0; i < MESSAGE_FIELDS_MAX; i++)
		assert_int_equal(message_add(&arena, &m, slice_of("A"), slice_of(" 1")), 0);
	assert_int_equal(message_add(&arena, &m, slice_of("A"), slice_of(" 1")), -1);
	assert_int_equal(m.n, MESSAGE_FIELDS_MAX);
	for (size_t bytes = 16; bytes < 8192; bytes += 16) {
		m = (struct message){.n = 0};
		arena_init(&small, 16, bytes);
		do
			before = m;
		while (message_add(&small, &m, slice_of("Name"), slice_of(" value")) == 0);
		assert_int_equal(m.n, before.n);
		assert_int_equal(m.room >= m.n, 1);
		for (size_t i = 0; i < m.n; i++)
			assert_true(slice_eq(m.v[i].value, slice_of(" value")));
		arena_fini(&small);
	}
}

/* More edits than there was room for when the fields came. */
static void
test_add_then_apply(void **state)
{
	struct message m = {.n = 0};
	struct edits edits = {.n = 0};

	(void)state;
	assert_int_equal(message_add(&arena, &m, slice_of("A"), slice_of(" 1")), 0);
	for (int i = 0; i < EDITS_MAX; i++)
		assert_int_equal(edits_insert_header(&edits, 0, "B", "2"), 0);
	assert_int_equal(message_apply(&arena, &m, &edits), 0);
	assert_int_equal(m.n, EDITS_MAX + 1);
	assert_true(slice_eq(m.v[EDITS_MAX].value, slice_of(" 1")));
}

/* --- What leaves --- */

struct span {
	const char *old; /* in the body, once; NULL: no more */
	const char *text;
};

static const struct {
	const char *name;
	const char *text; /* the message as it comes; a milter has LF in values, CRLF in the body */
	struct edit v[6];
	size_t n;
	struct span spans[4];
	bool recode; /* the whole body, from 8bit to base64 */
	const char *want;
} leaving[] = {
    {"as it is", "A: 1\nB:\t2\n 3\n\nbody\r\n", {{0}}, 0, {{0}}, false,
	"A: 1\r\nB:\t2\r\n 3\r\n\r\nbody\r\n"},
    {"no header, no body", "", {{0}}, 0, {{0}}, false, "\r\n"},
    {"folds that have their CR", "A: 1\r\n\t2\r\n\r\nb", {{0}}, 0, {{0}}, false,
	"A: 1\r\n\t2\r\n\r\nb"},
    {"signed", "From: a\nX-Gatepost-Tag: t\nTo: b\nX-Gatepost-Tag: u\n\nhello\r\n",
	{{EDIT_DELETE_HEADER, 2, "X-Gatepost-Tag", NULL},
	    {EDIT_DELETE_HEADER, 1, "X-Gatepost-Tag", NULL}, {EDIT_INSERT_HEADER, 0, "Sender", "s"},
	    {EDIT_INSERT_HEADER, 0, "DKIM-Signature", "v=1;\n\tb=x"}},
	4, {{0}}, false,
	"DKIM-Signature: v=1;\r\n\tb=x\r\nSender: s\r\nFrom: a\r\nTo: b\r\n\r\nhello\r\n"},
    {"links and a pixel", "A: 1\n\n<a href=x>\r\n</body>\r\n", {{0}}, 0,
	{{"x>", "\"https://t/c/1\">"}, {"</body", "<img src=y></body"}}, false,
	"A: 1\r\n\r\n<a href=\"https://t/c/1\">\r\n<img src=y></body>\r\n"},
    {"another encoding, and its field",
	"Content-Transfer-Encoding: 8bit\nA: 1\n\ngr\xc3\xbc\xc3\x9f\r\n",
	{{EDIT_CHANGE_HEADER, 1, "Content-Transfer-Encoding", "base64"},
	    {EDIT_INSERT_HEADER, 0, "DKIM-Signature", "b=x"}},
	2, {{0}}, true,
	"DKIM-Signature: b=x\r\nContent-Transfer-Encoding: base64\r\nA: 1\r\n\r\n"
	"Z3LDvMOfDQo=\r\n"},
    {"nothing left of the body", "A: 1\n\nbody", {{0}}, 0, {{"body", ""}}, false, "A: 1\r\n\r\n"},
    {"all at once", "A: 1\nB: 2\n\none two three\r\n",
	{{EDIT_CHANGE_HEADER, 1, "b", "new"}, {EDIT_CHANGE_HEADER, 1, "C", ""},
	    {EDIT_INSERT_HEADER, 1, "D", "d"}, {EDIT_DELETE_HEADER, 1, "A", NULL}},
	4, {{"one ", ""}, {"two", "2"}, {"\r\n", "!\r\n"}}, false,
	"D: d\r\nB: new\r\nC: \r\n\r\n2 three!\r\n"},
};

static int
buf_put(void *to, struct slice bytes)
{
	struct buf *out = to;

	buf_add(out, bytes);
	return out->over ? -1 : 0;
}

static void
edits_of_row(size_t row, const struct message *m, struct edits *edits, struct body_edits *spans)
{
	*edits = (struct edits){.n = leaving[row].n, .body_edits = spans, .body = m->body};
	memcpy(edits->v, leaving[row].v, sizeof(leaving[row].v));
	body_edits_init(spans, &arena);
	for (const struct span *s = leaving[row].spans; s->old != NULL; s++) {
		size_t at = 0;

		while (!slice_starts(slice_from(m->body, at), slice_of(s->old)))
			at++;
		assert_int_equal(
		    body_edits_replace(spans, at, strlen(s->old), slice_of(s->text)), 0);
	}
	if (leaving[row].recode)
		assert_int_equal(
		    body_edits_recode(spans, 0, m->body.n, TRANSFER_8BIT, TRANSFER_BASE64), 0);
}

static void
test_put_edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(leaving); i++) {
		struct message m, before;
		struct body_edits spans;
		struct edits edits;
		char storage[512];
		struct buf out = BUF_OVER(storage);
		struct sink sink = {buf_put, &out};

		assert_int_equal(message_parse(&arena, slice_of(leaving[i].text), &m), 0);
		assert_int_equal(message_parse(&arena, slice_of(leaving[i].text), &before), 0);
		edits_of_row(i, &m, &edits, &spans);
		assert_int_equal(message_put_edited(&arena, &m, &edits, &sink), 0);
		if (!slice_eq(buf_slice(&out), slice_of(leaving[i].want)))
			fail_msg("%s: got\n%s", leaving[i].name, buf_text(&out));
		assert_true(same_fields(&m, &before));
		for (size_t cap = 1; cap < strlen(leaving[i].want); cap++) {
			buf_init(&out, storage, cap);
			assert_int_equal(message_put_edited(&arena, &m, &edits, &sink), -1);
		}
	}
}

/* No memory, wherever it ends. */
static void
test_put_edited_bounds(void **state)
{
	struct edits edits = {.n = 0};
	struct message m;
	int status = -1;

	(void)state;
	assert_int_equal(message_parse(&arena, slice_of("A: 1\n\n"), &m), 0);
	assert_int_equal(edits_insert_header(&edits, 0, "B", "2"), 0);
	for (size_t bytes = 16; bytes < 4096 && status != 0; bytes += 16) {
		char storage[64];
		struct buf out = BUF_OVER(storage);
		struct arena small;

		arena_init(&small, 16, bytes);
		status = message_put_edited(&small, &m, &edits, &(struct sink){buf_put, &out});
		if (status != 0)
			assert_int_equal(out.n, 0); /* nothing leaves half */
		arena_fini(&small);
	}
	assert_int_equal(status, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_parse, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_apply, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_many, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_add, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_add_name, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_add_bounds, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_add_then_apply, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_put_edited, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_put_edited_bounds, arena_begin, arena_end),
	};

	return cmocka_run_group_tests_name("test_message", tests, NULL, NULL);
}
