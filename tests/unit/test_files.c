/*
 * test_files.c - lib/io/files.
 */
#include "io/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define ARENA_BYTES 1024

static char dir[] = "/tmp/test_files.XXXXXX";

/* The path of that name in our directory, until the next call. */
static const char *
path_of(const char *name)
{
	static char path[100];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
file_make(const char *name, size_t n)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	for (size_t i = 0; i < n; i++)
		(void)fputc((int)(i % 256), file); /* a NUL is the first */
	(void)fclose(file);
}

static void
test_read(void **state)
{
	static const struct {
		const char *name;
		size_t bytes, max_bytes;
		enum err_code code;
	} rows[] = {
	    {"empty", 0, 0, ERR_NONE},
	    {"a byte", 1, 1, ERR_NONE},
	    {"usual", 300, 1000, ERR_NONE},
	    {"as large as allowed", 700, 700, ERR_NONE},
	    {"a byte too large", 701, 700, ERR_LIMIT},
	    {"not empty", 1, 0, ERR_LIMIT},
	    {"fills the arena", ARENA_BYTES - 1, 4096, ERR_NONE},
	    {"larger than the arena", ARENA_BYTES, 4096, ERR_NOMEM},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = {NULL, 12345};
		struct err err = {.code = ERR_NONE};
		struct arena a;
		int got;

		arena_init(&a, 64, ARENA_BYTES);
		file_make("file", rows[i].bytes);
		got = files_read(path_of("file"), rows[i].max_bytes, &a, &text, &err);
		if (got != (rows[i].code == ERR_NONE ? 0 : -1) || err.code != rows[i].code)
			fail_msg("%s: %d, %s", rows[i].name, got, err.text);
		if (got == 0)
			assert_int_equal(text.n, rows[i].bytes);
		else
			assert_memory_equal(err.text, path_of("file"), strlen(path_of("file")));
		for (size_t k = 0; got == 0 && k < text.n; k++)
			assert_int_equal((unsigned char)text.p[k], k % 256);
		arena_fini(&a);
	}
	(void)unlink(path_of("file"));
}

/* What is no file, and a FIFO that nobody writes to, at which an open() would hang. */
static void
test_no_file(void **state)
{
	static const struct {
		const char *name, *reason;
	} rows[] = {
	    {"missing", "No such file or directory"}, {"fifo", "not a regular file"},
	    {"", "not a regular file"}, /* the directory */
	};

	(void)state;
	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	(void)alarm(10);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char want[200];
		struct err err = {.code = ERR_NONE};
		struct slice text;
		struct arena a;

		arena_init(&a, 64, ARENA_BYTES);
		assert_int_equal(files_read(path_of(rows[i].name), 100, &a, &text, &err), -1);
		(void)snprintf(want, sizeof(want), "%s: %s", path_of(rows[i].name), rows[i].reason);
		assert_string_equal(err.text, want);
		assert_int_equal(err.code, ERR_IO);
		arena_fini(&a);
	}
	(void)alarm(0);
	(void)unlink(path_of("fifo"));
}

static void
test_conf(void **state)
{
	struct slice text = {NULL, 0};
	struct err err = {.code = ERR_NONE};
	struct arena a;

	(void)state;
	arena_init(&a, 64, ARENA_BYTES);
	file_make("list", 20);
	assert_int_equal(files_conf.read(&files_conf, path_of("list"), 20, &a, &text, &err), 0);
	assert_int_equal(text.n, 20);
	assert_int_equal(files_conf.read(&files_conf, path_of("list"), 19, &a, &text, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	arena_fini(&a);
	(void)unlink(path_of("list"));
}

static void
denied_count(void *arg, const char *why)
{
	unsigned *count = arg;

	assert_non_null(strstr(why, "may not read"));
	(*count)++;
}

/* As if by another user, who may enter the directory and not read every file. */
static void
test_trial(void **state)
{
	struct files_trial trial;
	unsigned denied = 0;
	struct slice text;
	struct arena a;

	(void)state;
	arena_init(&a, 64, ARENA_BYTES);
	assert_int_equal(chmod(dir, 0755), 0);
	file_make("list", 20);
	files_trial_init(&trial, "nobody", denied_count, &denied);
	assert_int_equal(chmod(path_of("list"), 0644), 0);
	files_trial_look(&trial, path_of("list"));
	assert_int_equal(trial.files.read(&trial.files, path_of("list"), 20, &a, &text, NULL), 0);
	assert_int_equal(denied, 0);
	assert_int_equal(chmod(path_of("list"), 0640), 0);
	files_trial_look(&trial, path_of("list"));
	assert_int_equal(denied, 1);
	assert_int_equal(trial.files.read(&trial.files, path_of("list"), 20, &a, &text, NULL), 0);
	assert_int_equal(denied, 2);
	assert_int_equal(trial.files.read(&trial.files, path_of("no"), 20, &a, &text, NULL), -1);
	assert_int_equal(denied, 2);
	arena_fini(&a);
	(void)unlink(path_of("list"));
}

static void
test_world_readable(void **state)
{
	static const struct {
		mode_t mode;
		bool want;
	} rows[] = {{0600, false}, {0640, false}, {0660, false}, {0642, false}, {0604, true},
	    {0644, true}, {0004, true}};

	(void)state;
	file_make("secret", 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(chmod(path_of("secret"), rows[i].mode), 0);
		if (files_world_readable(path_of("secret")) != rows[i].want)
			fail_msg("mode %03o", (unsigned)rows[i].mode);
	}
	(void)unlink(path_of("secret"));
	assert_false(files_world_readable(path_of("secret")));
}

/* A file that was renewed under its name is another one; also at the end of a symbolic link. */
static void
test_identity(void **state)
{
	struct files_identity none = files_identify(path_of("missing"));
	struct files_identity first, again, other;
	char link_path[100];

	(void)state;
	assert_int_equal(none.ino, 0);
	(void)snprintf(link_path, sizeof(link_path), "%s", path_of("link"));
	assert_int_equal(symlink("cert", link_path), 0);
	file_make("cert", 10);
	first = files_identify(link_path);
	again = files_identify(path_of("cert"));
	assert_true(files_identity_eq(&first, &again));
	assert_false(files_identity_eq(&first, &none));
	file_make("new", 10);
	(void)snprintf(link_path, sizeof(link_path), "%s", path_of("new"));
	assert_int_equal(rename(link_path, path_of("cert")), 0);
	other = files_identify(path_of("link"));
	assert_false(files_identity_eq(&first, &other));
	file_make("cert", 11); /* written in place */
	again = files_identify(path_of("link"));
	assert_false(files_identity_eq(&other, &again));
	(void)unlink(path_of("cert"));
	(void)unlink(path_of("link"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_no_file),
	    cmocka_unit_test(test_conf),
	    cmocka_unit_test(test_trial),
	    cmocka_unit_test(test_world_readable),
	    cmocka_unit_test(test_identity),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = cmocka_run_group_tests_name("files", tests, NULL, NULL);
	(void)rmdir(dir);
	return failed;
}
