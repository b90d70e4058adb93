/*
 * test_access.c - lib/io/access. As root, the other user is made up by fork() and setuid().
 */
#include "io/access.h"

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define NOBODY "nobody"

static char dir[] = "/tmp/test_access.XXXXXX";
static char inner[100], file[120];

static void
test_describe(void **state)
{
	char text[ACCESS_TEXT_BYTES];
	const struct passwd *me = getpwuid(geteuid());
	struct err err;

	(void)state;
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(access_describe(file, text, &err), 0);
	assert_memory_equal(text, "0640 ", 5);
	assert_memory_equal(text + 5, me->pw_name, strlen(me->pw_name));
	assert_int_equal(access_describe("/nonexistent/x", text, &err), -1);
	assert_int_equal(err.code, ERR_IO);
}

/* By the name of a user, whoever asks. */
static void
test_check(void **state)
{
	static const struct {
		mode_t dir_mode, file_mode;
		enum access_right right;
		const char *want; /* NULL: may */
	} rows[] = {
	    {0755, 0666, ACCESS_WRITE, NULL},
	    {0751, 0662, ACCESS_WRITE, NULL},
	    {0755, 0660, ACCESS_WRITE, "may not write to"},
	    {0750, 0666, ACCESS_WRITE, "may not enter"},
	    {0754, 0666, ACCESS_WRITE, "may not enter"},
	    {0755, 0604, ACCESS_READ, NULL},
	    {0755, 0662, ACCESS_READ, "may not read"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {.text = ""};
		int got;

		assert_int_equal(chmod(inner, rows[i].dir_mode), 0);
		assert_int_equal(chmod(file, rows[i].file_mode), 0);
		got = access_check(file, NOBODY, rows[i].right, &err);
		if (got != (rows[i].want == NULL ? 0 : -1) ||
		    (got != 0 &&
			(err.code != ERR_DENIED || strstr(err.text, rows[i].want) == NULL)))
			fail_msg("row %zu: %d, %s", i, got, err.text);
	}
	assert_int_equal(access_check(file, "no-such-user-here", ACCESS_READ, NULL), -1);
	assert_int_equal(access_check("/nonexistent/x", NOBODY, ACCESS_READ, NULL), -1);
}

/* What `nobody` is told, as group `gid`: into text, after "denied" or "may". */
static void
nobody_asks(enum access_right right, gid_t gid, char *text, size_t room)
{
	const struct passwd *nobody = getpwnam(NOBODY);
	int ends[2];
	pid_t pid;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char group[ACCESS_NAME_BYTES];
		struct err err = {.text = ""};

		if (setgid(gid) != 0 || setuid(nobody->pw_uid) != 0)
			_exit(1);
		if (access_is_denied(file, right))
			(void)access_denied(file, right, &err);
		access_group(file, right, group);
		(void)dprintf(ends[1], "%s|%s", err.text, group);
		_exit(0);
	}
	(void)close(ends[1]);
	n = read(ends[0], text, room - 1);
	text[n < 0 ? 0 : n] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
test_denied(void **state)
{
	static const struct {
		mode_t dir_mode, file_mode;
		enum access_right right;
		const char *want, *group;
	} rows[] = {
	    {0755, 0640, ACCESS_READ, "who may not read it (0640 root:daemon)", "|daemon"},
	    {0755, 0600, ACCESS_READ, "who may not read it (0600 root:daemon)", "|"},
	    {0750, 0644, ACCESS_READ, "who may not enter /tmp/", "|daemon"},
	    {0700, 0644, ACCESS_READ, "who may not enter /tmp/", "|"},
	    {0755, 0664, ACCESS_WRITE, "who may not write to it (0664 root:daemon)", "|daemon"},
	    {0755, 0644, ACCESS_WRITE, "who may not write to it (0644 root:daemon)", "|"},
	    {0755, 0644, ACCESS_READ, "", "|"},
	};

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(inner, 0, 1), 0); /* group daemon */
	assert_int_equal(chown(file, 0, 1), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[ERR_TEXT_BYTES + ACCESS_NAME_BYTES + 2];
		const char *bar;

		assert_int_equal(chmod(inner, rows[i].dir_mode), 0);
		assert_int_equal(chmod(file, rows[i].file_mode), 0);
		nobody_asks(rows[i].right, getpwnam(NOBODY)->pw_gid, text, sizeof(text));
		bar = strchr(text, '|');
		if (bar == NULL || strstr(text, rows[i].want) == NULL ||
		    (rows[i].want[0] == '\0') != (bar == text) || strcmp(bar, rows[i].group) != 0)
			fail_msg("row %zu: %s", i, text);
		if (rows[i].want[0] != '\0') {
			assert_memory_equal(text, file, strlen(file));
			assert_non_null(strstr(text, ": Permission denied: this runs as nobody"));
		}
	}
	assert_int_equal(chmod(inner, 0750), 0);
	assert_int_equal(chmod(file, 0640), 0);
	{
		char text[ERR_TEXT_BYTES + ACCESS_NAME_BYTES + 2];

		nobody_asks(ACCESS_READ, 1, text, sizeof(text)); /* a member */
		assert_string_equal(text, "|");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_describe),
	    cmocka_unit_test(test_check),
	    cmocka_unit_test(test_denied),
	};
	int failed;

	if (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0)
		return 1;
	(void)snprintf(inner, sizeof(inner), "%s/inner", dir);
	(void)snprintf(file, sizeof(file), "%s/file", inner);
	if (mkdir(inner, 0755) != 0 || fclose(fopen(file, "w")) != 0)
		return 1;
	failed = cmocka_run_group_tests_name("access", tests, NULL, NULL);
	(void)unlink(file);
	(void)rmdir(inner);
	(void)rmdir(dir);
	return failed;
}
