/*
 * test_log.c - lib/io/log.
 */
#include "io/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct log_conf to_stderr = {LOG_TARGET_STDERR, LOG_LEVEL_INFO, 0};

static void
test_escape(void **state)
{
	static const struct {
		struct slice in;
		const char *want;
	} rows[] = {
	    {SLICE_LIT("user@example.com"), "user@example.com"},
	    {SLICE_LIT("!~<>=%'"), "!~<>=%'"},
	    {SLICE_LIT(""), "\"\""},
	    {SLICE_LIT("a b"), "\"a b\""},
	    {SLICE_LIT("say \"hi\""), "\"say \\\"hi\\\"\""},
	    {SLICE_LIT("a\"b"), "\"a\\\"b\""},
	    {SLICE_LIT("a\\x0a"), "\"a\\\\x0a\""},
	    {SLICE_LIT("a\r\nevent=forged"), "\"a\\x0d\\x0aevent=forged\""},
	    {SLICE_LIT("\0\x1b[2J\x7f"), "\"\\x00\\x1b[2J\\x7f\""},
	    {SLICE_LIT("b\xc3\xa4r\xff"), "\"b\\xc3\\xa4r\\xff\""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[100];
		struct buf out = BUF_OVER(storage);

		log_escape(&out, rows[i].in);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

static void
test_numbers(void **state)
{
	static const struct {
		int64_t in;
		const char *want;
	} rows[] = {
	    {0, "n=0"},
	    {-1, "n=-1"},
	    {1795230855, "n=1795230855"},
	    {INT64_MAX, "n=9223372036854775807"},
	    {INT64_MIN, "n=-9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct log_line line;

		log_begin(&line);
		log_add_number(&line, "n", rows[i].in);
		assert_string_equal(buf_text(&line.text), rows[i].want);
	}
}

static void
test_keys(void **state)
{
	struct log_line line;

	(void)state;
	log_begin(&line);
	log_add_text(&line, "from", "<>");
	log_add_text(&line, "helo", "a b");
	log_add(&line, "to", slice_make(NULL, 0));
	log_add_text(&line, "id", NULL);
	log_add_number(&line, "n", 3);
	assert_string_equal(buf_text(&line.text), "from=<> helo=\"a b\" to=\"\" id=\"\" n=3");
	log_begin(&line);
	log_add_text(&line, "again", "yes");
	assert_string_equal(buf_text(&line.text), "again=yes");
}

/* stderr goes to a file while a test looks at it. */
struct capture {
	FILE *file;
	int was;
};

static void
capture_begin(struct capture *c)
{
	c->file = tmpfile();
	assert_non_null(c->file);
	c->was = dup(STDERR_FILENO);
	assert_true(dup2(fileno(c->file), STDERR_FILENO) >= 0);
}

/* What came, with a NUL behind it; the number of bytes. */
static size_t
capture_end(struct capture *c, char *text_r, size_t cap)
{
	size_t n;

	(void)dup2(c->was, STDERR_FILENO);
	(void)close(c->was);
	rewind(c->file);
	n = fread(text_r, 1, cap - 1, c->file);
	(void)fclose(c->file);
	text_r[n] = '\0';
	return n;
}

/* Where there is no configuration yet: warnings and errors, with the time in front. */
static void
test_unconfigured(void **state)
{
	static const char like[] = "dddd-dd-ddTdd:dd:ddZ warning event=start reason=\"a b\"\n";
	char text[400];
	struct capture c;

	(void)state;
	assert_true(log_wants(LOG_LEVEL_ERROR));
	assert_true(log_wants(LOG_LEVEL_WARNING));
	assert_false(log_wants(LOG_LEVEL_INFO));
	capture_begin(&c);
	log_event(LOG_LEVEL_INFO, "unwanted", NULL);
	log_event(LOG_LEVEL_WARNING, "start", "a b");
	log_event(LOG_LEVEL_ERROR, "stop", NULL);
	(void)capture_end(&c, text, sizeof(text));
	for (size_t i = 0; i < sizeof(like) - 1; i++) {
		if (like[i] == 'd' && i < 20 ? !ascii_is_digit(text[i]) : text[i] != like[i])
			fail_msg("byte %zu of %s", i, text);
	}
	assert_string_equal(
	    text + sizeof(like) - 1 + strlen("dddd-dd-ddTdd:dd:ddZ "), "error event=stop\n");
}

/* Under journald: a level in front, and no time. */
static void
test_configured(void **state)
{
	struct log_conf conf = to_stderr;
	char text[400];
	struct capture c;

	(void)state;
	assert_int_equal(setenv("JOURNAL_STREAM", "8:1", 1), 0);
	capture_begin(&c);
	log_configure("gatepostd", &conf, false);
	log_event(LOG_LEVEL_ERROR, "one", NULL);
	log_event(LOG_LEVEL_WARNING, "two", NULL);
	log_event(LOG_LEVEL_INFO, "three", NULL);
	log_event(LOG_LEVEL_DEBUG, "unwanted", NULL);
	conf.level = LOG_LEVEL_DEBUG;
	conf.target = LOG_TARGET_AUTO;
	log_configure("gatepostd", &conf, true);
	log_event(LOG_LEVEL_DEBUG, "four", NULL);
	log_finish();
	(void)capture_end(&c, text, sizeof(text));
	assert_string_equal(text, "<3>event=one\n<4>event=two\n<6>event=three\n<7>event=four\n");
}

/* A value of n times the byte c; the line that is written. */
static size_t
long_line(char *text_r, size_t cap, size_t n, char c)
{
	static char value[3 * LOG_LINE_BYTES];
	struct log_line line;
	struct capture capture;

	memset(value, c, sizeof(value));
	log_begin(&line);
	log_add(&line, "k", slice_make(value, n));
	capture_begin(&capture);
	log_write(&line, LOG_LEVEL_ERROR);
	return capture_end(&capture, text_r, cap);
}

static void
test_cut(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		char c;
		bool cut;
	} rows[] = {
	    {"fits", LOG_LINE_BYTES - 2, 'a', false},
	    {"a byte too long", LOG_LINE_BYTES - 1, 'a', true},
	    {"longest", (size_t)3 * LOG_LINE_BYTES, 'a', true},
	    {"quoted, fits", LOG_LINE_BYTES - 4, ' ', false},
	    {"quoted, no room for its end", LOG_LINE_BYTES - 3, ' ', true},
	    {"escapes, fits", (LOG_LINE_BYTES - 4) / 4, '\n', false},
	    {"escapes, one too many", (LOG_LINE_BYTES - 4) / 4 + 1, '\n', true},
	    {"escapes, longest", (size_t)3 * LOG_LINE_BYTES, '\n', true},
	};
	static const char end[] = " cut=yes\n";
	char text[LOG_LINE_BYTES + 100];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = long_line(text, sizeof(text), rows[i].n, rows[i].c);
		bool cut = slice_ends(slice_make(text, n), slice_of(end));

		if (cut != rows[i].cut)
			fail_msg("%s: %s", rows[i].name, text + n - 40);
		/* "<3>" is before it */
		assert_true(n <= 3 + LOG_LINE_BYTES + (cut ? sizeof(end) - 1 : 1));
		assert_true(!cut || n + 4 >= 3 + LOG_LINE_BYTES + sizeof(end) - 1);
		for (size_t k = 0; k + 1 < n; k++)
			assert_in_range(text[k], ' ', '~');
		assert_int_equal(text[n - 1], '\n');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_escape),
	    cmocka_unit_test(test_numbers),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_unconfigured),
	    cmocka_unit_test(test_configured),
	    cmocka_unit_test(test_cut),
	};

	(void)unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
