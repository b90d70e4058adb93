/*
 * test_listener.c - lib/io/listener.
 */
#include "io/listener.h"

#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char dir[] = "/tmp/test_listener.XXXXXX";
static char path[100], lock_path[110], spec[110];

static void
test_spec(void **state)
{
	static const struct {
		const char *in;
		bool good;
	} rows[] = {
	    {"unix:/run/gatepost.sock", true},
	    {"local:/run/gatepost.sock", true},
	    {"inet:8891@127.0.0.1", true},
	    {"inet6:8891@::1", true},
	    {"inet:1@0.0.0.0", true},
	    {"inet:65535@localhost", true},
	    {"", false},
	    {":", false},
	    {"unix", false},
	    {"unix:", false},
	    {"unix:run/gatepost.sock", false},
	    {"/run/gatepost.sock", false},
	    {"UNIX:/run/gatepost.sock", false},
	    {"tcp:8891@127.0.0.1", false},
	    {"8891@127.0.0.1", false},
	    {"inet:", false},
	    {"inet:8891", false}, /* everybody must be asked for */
	    {"inet:@127.0.0.1", false},
	    {"inet:8891@", false},
	    {"inet:0@127.0.0.1", false},
	    {"inet:65536@127.0.0.1", false},
	    {"inet:18446744073709551617@127.0.0.1", false},
	    {"inet:-1@127.0.0.1", false},
	    {"inet:88x1@127.0.0.1", false},
	    {"inet:127.0.0.1:8891", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {.code = ERR_NONE};
		int got = listener_spec_check(rows[i].in, &err);

		if (got != (rows[i].good ? 0 : -1) ||
		    err.code != (rows[i].good ? ERR_NONE : ERR_INVALID))
			fail_msg("\"%s\": %d, %s", rows[i].in, got, err.text);
	}
}

/* The private name must fit in an address as well, whatever the pid: ".new.4194304". */
static void
test_spec_length(void **state)
{
	size_t most = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 - 13;
	char text[200] = "unix:/";

	(void)state;
	memset(text + 6, 'x', most - 1);
	assert_int_equal(listener_spec_check(text, NULL), 0);
	text[5 + most] = 'x';
	assert_int_equal(listener_spec_check(text, NULL), -1);
}

/* Makes a socket there, as smfi_opensocket() does, closed at once. */
static void
socket_make(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", name);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	(void)close(fd);
}

static bool
exists(const char *name)
{
	struct stat st;

	return lstat(name, &st) == 0;
}

static void
claim(struct listener *l)
{
	struct err err = {.code = ERR_NONE};

	if (listener_claim(l, spec, &err) != 0)
		fail_msg("%s", err.text);
	socket_make(l->made);
}

static void
publish(struct listener *l, mode_t mode)
{
	struct err err = {.code = ERR_NONE};

	if (listener_publish(l, mode, NULL, NULL, &err) != 0)
		fail_msg("%s", err.text);
}

/* Who claims, and what it does then. */
struct other {
	uid_t uid;         /* 0: as this process */
	const char *user;  /* as which it says that it will run */
	const char *group; /* of the socket */
};

/* What another process is told that claims the same: "" when it gets it. When it does, it leaves
 * socket and lock behind, as one that is killed. */
static const char *
other_claims_as(struct other other)
{
	static char text[ERR_TEXT_BYTES];
	struct err err = {.text = ""};
	struct listener l;
	int ends[2];
	pid_t pid;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (other.uid != 0 && setuid(other.uid) != 0)
			_exit(1);
		if (listener_claim(&l, spec, &err) == 0) {
			socket_make(l.made);
			if (listener_publish(&l, 0600, other.user, other.group, &err) != 0)
				listener_release(&l);
		}
		n = write(ends[1], err.text, strlen(err.text));
		_exit(n < 0);
	}
	(void)close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return text;
}

static const char *
other_claims(void)
{
	return other_claims_as((struct other){0});
}

static void
test_publish(void **state)
{
	static const mode_t modes[] = {0600, 0660, 0666};

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		char made[LISTENER_SPEC_BYTES];
		struct listener l;
		struct stat st;

		claim(&l);
		assert_int_equal(strncmp(l.spec, "unix:", 5), 0);
		assert_string_equal(l.spec + 5, l.made);
		assert_string_not_equal(l.made, path);
		(void)snprintf(made, sizeof(made), "%s", l.made);
		assert_false(exists(path)); /* not before it has its mode */
		publish(&l, modes[i]);
		assert_int_equal(lstat(path, &st), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 0777, modes[i]);
		assert_false(exists(made));
		publish(&l, 0600); /* a second time changes nothing */
		assert_int_equal(lstat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, modes[i]);
		listener_release(&l);
		assert_false(exists(path));
		listener_release(&l);
	}
}

/* One that is not made public, for a user or group that there is not, leaves nothing. */
static void
test_no_publish(void **state)
{
	char made[LISTENER_SPEC_BYTES];
	struct err err = {.code = ERR_NONE};
	struct listener l;

	(void)state;
	claim(&l);
	(void)snprintf(made, sizeof(made), "%s", l.made);
	assert_int_equal(listener_publish(&l, 0660, "no-such-user-here", NULL, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	assert_non_null(strstr(err.text, "no-such-user-here"));
	assert_int_equal(listener_publish(&l, 0660, NULL, "no-such-group-here", &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	assert_non_null(strstr(err.text, "no-such-group-here"));
	assert_false(exists(path));
	assert_true(exists(made));
	assert_true(exists(lock_path));
	listener_release(&l);
	assert_false(exists(made));
	assert_false(exists(lock_path));
}

/* A file that came to stand there after the claim stays. */
static void
test_publish_over_file(void **state)
{
	char made[LISTENER_SPEC_BYTES];
	struct err err = {.code = ERR_NONE};
	struct listener l;
	struct stat st;
	FILE *file;

	(void)state;
	claim(&l);
	(void)snprintf(made, sizeof(made), "%s", l.made);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("precious", file);
	(void)fclose(file);
	assert_int_equal(listener_publish(&l, 0660, NULL, NULL, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, path));
	listener_release(&l);
	assert_false(exists(made));
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_size, 8);
	assert_int_equal(unlink(path), 0);
}

static void
test_second(void **state)
{
	char pid[40];
	struct listener l;

	(void)state;
	(void)snprintf(pid, sizeof(pid), "(pid %ld)", (long)getpid());
	claim(&l);
	assert_non_null(strstr(other_claims(), pid));
	publish(&l, 0600);
	assert_non_null(strstr(other_claims(), pid));
	assert_non_null(strstr(other_claims(), path));
	assert_true(exists(path));
	listener_release(&l);
	assert_string_equal(other_claims(), "");
	(void)unlink(path);
}

/* One that was killed left its socket: it is replaced, and there until then. */
static void
test_stale(void **state)
{
	struct stat before, after;
	struct listener l;

	(void)state;
	assert_string_equal(other_claims(), "");
	assert_int_equal(lstat(path, &before), 0);
	claim(&l);
	assert_int_equal(lstat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	publish(&l, 0666);
	assert_int_equal(lstat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	listener_release(&l);
	assert_false(exists(path));
}

/* Somebody else's socket came to stand at our name. */
static void
test_release_not_ours(void **state)
{
	char name[110];
	struct listener l;

	(void)state;
	claim(&l);
	publish(&l, 0600);
	(void)snprintf(name, sizeof(name), "%s.other", path);
	socket_make(name);
	assert_int_equal(rename(name, path), 0);
	listener_release(&l);
	assert_true(exists(path));
	assert_int_equal(unlink(path), 0);
}

/* A file, a directory, a symbolic link: refused, left alone, and no lock is held. */
static void
test_no_socket(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct err err = {.code = ERR_NONE};
		struct stat before, after;
		struct listener l;

		if (kind == 0)
			assert_int_equal(fclose(fopen(path, "w")), 0);
		else if (kind == 1)
			assert_int_equal(mkdir(path, 0700), 0);
		else
			assert_int_equal(symlink("/nowhere", path), 0);
		assert_int_equal(lstat(path, &before), 0);
		assert_int_equal(listener_claim(&l, spec, &err), -1);
		assert_int_equal(err.code, ERR_IO);
		assert_non_null(strstr(err.text, path));
		assert_int_equal(l.lock_fd, -1);
		listener_release(&l);
		assert_int_equal(lstat(path, &after), 0);
		assert_int_equal(before.st_ino, after.st_ino);
		assert_int_equal(remove(path), 0);
		assert_string_equal(other_claims(), "");
		(void)unlink(path);
	}
}

/* The lock goes with its holder, and never has two: each claims, serves for a moment and stops, at
 * the same time as others do. */
static void
lock_use(const char *only)
{
	int served = 0;

	(void)alarm(60); /* nobody waits for ever */
	while (served < 500) {
		struct err err = {.code = ERR_NONE};
		struct listener l;
		int fd;

		if (listener_claim(&l, spec, &err) != 0 && err.code == ERR_UNAVAILABLE)
			continue;
		fd = open(only, O_CREAT | O_EXCL | O_WRONLY, 0600);
		if (err.code != ERR_NONE || fd < 0)
			_exit(2);
		(void)close(fd);
		(void)unlink(only);
		listener_release(&l);
		served++;
	}
	_exit(0);
}

static void
test_lock_removed(void **state)
{
	char only[110];
	int failed = 0, status = 0;

	(void)state;
	(void)snprintf(only, sizeof(only), "%s.only", path);
	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			lock_use(only);
	}
	for (int i = 0; i < 4; i++) {
		assert_true(wait(&status) > 0);
		failed |= status;
	}
	assert_int_equal(failed, 0);
	assert_false(exists(lock_path));
}

/* Root was killed while it served: without milter.user, that user hears whose the lock is; with it,
 * may start. */
static void
test_lock_of_root(void **state)
{
	const struct passwd *nobody = getpwnam("nobody");
	const struct other as_nobody = {nobody == NULL ? 0 : nobody->pw_uid, NULL, NULL};
	const char *text;

	(void)state;
	if (geteuid() != 0 || nobody == NULL)
		skip();
	assert_int_equal(chown(dir, nobody->pw_uid, nobody->pw_gid), 0);
	assert_string_equal(other_claims(), "");
	text = other_claims_as(as_nobody);
	if (strstr(text, lock_path) == NULL || strstr(text, "runs as nobody") == NULL ||
	    strstr(text, "belongs to root") == NULL)
		fail_msg("%s", text);
	assert_string_equal(other_claims_as((struct other){0, "nobody", NULL}), "");
	assert_string_equal(other_claims_as(as_nobody), "");

	/* a group that it is not in; then a folder that is not its own */
	text = other_claims_as((struct other){nobody->pw_uid, NULL, "daemon"});
	if (strstr(text, "adduser nobody daemon") == NULL)
		fail_msg("%s", text);
	assert_false(exists(lock_path));
	assert_int_equal(chown(dir, 0, 0), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	text = other_claims_as(as_nobody);
	if (strstr(text, "folder") == NULL || strstr(text, "(nobody)") == NULL)
		fail_msg("%s", text);
	assert_int_equal(chmod(dir, 0700), 0);
	(void)unlink(path);
}

/* The port is the lock: there is nothing to make, to publish or to remove. */
static void
test_inet(void **state)
{
	struct err err = {.code = ERR_NONE};
	struct listener l;

	(void)state;
	assert_int_equal(listener_claim(&l, "inet:8891@127.0.0.1", &err), 0);
	assert_string_equal(l.spec, "inet:8891@127.0.0.1");
	assert_string_equal(l.path, "");
	assert_int_equal(listener_publish(&l, 0600, NULL, "no-such-group-here", &err), 0);
	listener_release(&l);
	assert_int_equal(listener_claim(&l, "inet:0", &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	listener_release(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_spec),
	    cmocka_unit_test(test_spec_length),
	    cmocka_unit_test(test_publish),
	    cmocka_unit_test(test_no_publish),
	    cmocka_unit_test(test_publish_over_file),
	    cmocka_unit_test(test_second),
	    cmocka_unit_test(test_stale),
	    cmocka_unit_test(test_release_not_ours),
	    cmocka_unit_test(test_no_socket),
	    cmocka_unit_test(test_lock_removed),
	    cmocka_unit_test(test_lock_of_root),
	    cmocka_unit_test(test_inet),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/socket", dir);
	(void)snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
	(void)snprintf(spec, sizeof(spec), "unix:%s", path);
	failed = cmocka_run_group_tests_name("listener", tests, NULL, NULL);
	(void)unlink(lock_path);
	(void)rmdir(dir);
	return failed;
}
