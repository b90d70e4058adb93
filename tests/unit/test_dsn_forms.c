/*
 * test_dsn_forms.c - lib/policy/dsn over dsn_forms.txt: notifications in the forms of many MTAs and
 * providers, and messages that only look like it.
 */
#include "bounce_fixture.h"

#include "policy/dsn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FILE_MAX_BYTES ((size_t)1024 * 1024)

static struct bounce_table table;
static struct arena rules;
static char text_bytes[FILE_MAX_BYTES];
static struct slice forms;

/* One message of the file: its name, what is to be read, and itself. */
struct form {
	struct slice name, want, message;
};

static struct slice
line_take(struct slice *text)
{
	struct slice line = slice_head(*text, slice_find(*text, '\n'));

	*text = slice_from(*text, line.n + 1);
	return line;
}

/* What was taken of a text. */
static struct slice
between(struct slice text, struct slice rest)
{
	return slice_head(text, text.n - rest.n);
}

static bool
form_next(struct slice *text, struct form *form)
{
	struct slice begin;

	while (text->n > 0 && !slice_starts(*text, slice_of("=== ")))
		(void)line_take(text);
	if (text->n == 0)
		return false;
	form->name = slice_from(line_take(text), 4);
	for (begin = *text; slice_starts(*text, slice_of("= "));)
		(void)line_take(text);
	form->want = between(begin, *text);
	for (begin = *text; text->n > 0 && !slice_starts(*text, slice_of("=== "));)
		(void)line_take(text);
	form->message = between(begin, *text);
	return true;
}

/* The next word of a line. */
static struct slice
word_take(struct slice *line)
{
	struct slice word = slice_head(*line, slice_find(*line, ' '));

	*line = slice_from(*line, word.n + 1);
	return word;
}

static bool
fits(struct slice want, const char *got)
{
	return slice_eq(want, slice_of("*")) || slice_eq(want, slice_of(got));
}

static bool
recipient_fits(const struct dsn_recipient *r, struct slice line)
{
	struct slice address = word_take(&line), strength = word_take(&line);
	struct slice status = word_take(&line);

	return slice_eq(address, r->address) &&
	       fits(strength, r->verdict.permanent ? "perm" : "temp") &&
	       (slice_eq(status, slice_of("*")) || slice_eq(status, r->status)) &&
	       fits(line, bounce_class_name(r->verdict.class));
}

static bool
line_fits(const struct dsn *dsn, struct slice line)
{
	if (slice_find(line, ' ') == line.n)
		return slice_eq(line, slice_of(dsn_kind_name(dsn->kind)));
	for (size_t i = 0; i < dsn->n; i++) {
		if (recipient_fits(&dsn->v[i], line))
			return true;
	}
	return false;
}

static void
dsn_show(const struct dsn *dsn)
{
	print_message("  %s\n", dsn_kind_name(dsn->kind));
	for (size_t i = 0; i < dsn->n; i++) {
		const struct dsn_recipient *r = &dsn->v[i];

		print_message("  %.*s %s %.*s %s %.*s\n", SLICE_ARG(r->address),
		    r->verdict.permanent ? "perm" : "temp", SLICE_ARG(r->status),
		    bounce_class_name(r->verdict.class), SLICE_ARG(r->verdict.category));
	}
}

/* All that is wanted is there, and no recipient more. */
static bool
form_fits(const struct dsn *dsn, struct slice want)
{
	size_t recipients = 0;

	while (want.n > 0) {
		struct slice line = slice_from(line_take(&want), 2);

		if (!line_fits(dsn, line))
			return false;
		recipients += slice_find(line, ' ') < line.n;
	}
	return dsn->kind == DSN_NONE || dsn->kind >= DSN_AUTO_REPLY || dsn->n == recipients;
}

static bool
form_check(const struct form *form)
{
	struct message message;
	struct arena a;
	struct dsn dsn;
	bool ok;

	arena_init(&a, 65536, (size_t)16 * 1024 * 1024);
	assert_int_equal(message_parse(&a, form->message, &message), 0);
	assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
	ok = form_fits(&dsn, form->want);
	if (!ok) {
		print_message("%.*s: read was\n", SLICE_ARG(form->name));
		dsn_show(&dsn);
	}
	arena_fini(&a);
	return ok;
}

static void
test_forms(void **state)
{
	struct slice text = forms;
	size_t n = 0, bad = 0;
	struct form form;

	(void)state;
	for (; form_next(&text, &form); n++)
		bad += !form_check(&form);
	print_message("%zu of %zu forms are read\n", n - bad, n);
	assert_true(n > 100);
	assert_int_equal(bad, 0);
}

static int
setup(void **state)
{
	const char *dir = getenv("abs_top_srcdir");
	struct err err = {ERR_NONE, ""};
	char path[1024];
	struct buf name = BUF_OVER(path);
	FILE *file;
	size_t n;

	(void)state;
	buf_add_format(&name, "%s/tests/unit/dsn_forms.txt", dir != NULL ? dir : ".");
	file = fopen(buf_text(&name), "r");
	if (file == NULL)
		return -1;
	n = fread(text_bytes, 1, sizeof(text_bytes), file);
	(void)fclose(file);
	forms = slice_make(text_bytes, n);
	return n == sizeof(text_bytes) ? -1 : bounce_fixture_load(&rules, &table, &err);
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&rules);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms)};

	return cmocka_run_group_tests(tests, setup, teardown);
}
