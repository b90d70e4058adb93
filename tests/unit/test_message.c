/*
 * test_message.c - lib/mail/message.
 */
#include "mail/message.h"

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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_parse, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_apply, arena_begin, arena_end),
	    cmocka_unit_test_setup_teardown(test_many, arena_begin, arena_end),
	};

	return cmocka_run_group_tests_name("test_message", tests, NULL, NULL);
}
