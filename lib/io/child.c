/*
 * child.c - see child.h.
 */
#include "io/child.h"

#include "io/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where MTAs keep their tools; an operator's $PATH may be without. */
#define MORE_PATHS ":/usr/local/sbin:/usr/sbin:/sbin:/usr/lib/postfix/sbin"

extern char **environ;

/* Puts the program's path into path. 0, or -1 when there is none. */
static int
program_find(char path[PATH_MAX], const char *name)
{
	const char *env = getenv("PATH");
	char list_storage[8192];
	struct buf list = BUF_OVER(list_storage);
	struct slice rest;

	if (strchr(name, '/') != NULL) {
		(void)snprintf(path, PATH_MAX, "%s", name);
		return access(path, X_OK);
	}
	buf_add_text(&list, env == NULL ? "/usr/bin:/bin" : env);
	buf_add_text(&list, MORE_PATHS);
	rest = buf_slice(&list);
	while (rest.n > 0) {
		struct slice folder = slice_head(rest, slice_find(rest, ':'));

		rest = slice_from(rest, folder.n + 1);
		if (folder.n == 0 || folder.p[0] != '/' || folder.n + strlen(name) + 2 > PATH_MAX)
			continue;
		(void)snprintf(path, PATH_MAX, "%.*s/%s", SLICE_ARG(folder), name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -1;
}

/* Reads once. 1: go on; 0: end of file; -1 with the reason. */
static int
output_read(int fd, struct buf *out, struct deadline until, struct err *err)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	int wait_ms = (int)((deadline_left_us(until) + 999) / 1000);
	char storage[4096];
	ssize_t n;

	if (poll(&pfd, 1, wait_ms) <= 0) {
		if (!deadline_passed(until))
			return 1;
		return err_set(err, ERR_TIMEOUT, "did not end in time");
	}
	n = read(fd, storage, sizeof(storage));
	if (n < 0)
		return errno == EINTR ? 1 : err_set(err, ERR_IO, "%s", strerror(errno));
	buf_add(out, slice_make(storage, (size_t)n));
	if (out->over)
		return err_set(err, ERR_LIMIT, "said more than %zu bytes", out->cap);
	return n > 0;
}

/* How the child starts: nothing open but the three, in a process group of its own, so that what it
 * starts can be ended with it. SIGPIPE, which we ignore, would be ignored there too. */
static int
child_spawn(const char *path, const char *const *argv, int output, pid_t *child_r)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int status;
	/* posix_spawn() changes nothing, but does not say so */
	union {
		const char *const *from;
		char *const *to;
	} words = {.from = argv};

	(void)sigemptyset(&defaults);
	(void)sigaddset(&defaults, SIGPIPE);
	if (posix_spawn_file_actions_init(&files) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attr) != 0) {
		(void)posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	(void)posix_spawnattr_setsigdefault(&attr, &defaults);
	status = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (status == 0)
		status = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
	if (status == 0)
		status = posix_spawn_file_actions_addopen(
		    &files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (status == 0)
		status = posix_spawn(child_r, path, &files, &attr, words.to, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return status;
}

/* 0, or an errno. */
static int
child_start(const char *path, const char *const *argv, int *fd_r, pid_t *child_r)
{
	int fds[2];
	int status;

	if (pipe(fds) != 0)
		return errno;
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	status = child_spawn(path, argv, fds[1], child_r);
	(void)close(fds[1]);
	if (status != 0)
		(void)close(fds[0]);
	*fd_r = fds[0];
	return status;
}

/* Waits for its end, and makes it end when the deadline passes; its status as a shell would say. */
static int
child_reap(pid_t child, struct deadline until)
{
	const struct timespec pause = {0, 2000000};
	int status = 0;
	pid_t got;

	while ((got = waitpid(child, &status, WNOHANG)) != child) {
		if (got < 0 && errno != EINTR)
			return 127;
		if (deadline_passed(until))
			(void)kill(-child, SIGKILL);
		(void)nanosleep(&pause, NULL);
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + WTERMSIG(status);
}

int
child_run(
    const char *const *argv, int64_t timeout_ms, struct buf *out, int *status_r, struct err *err)
{
	struct deadline until = deadline_in_ms(timeout_ms);
	struct err why = {ERR_NONE, ""};
	char path[PATH_MAX];
	pid_t child = 0;
	int more = 1;
	int fd = -1;
	int status;

	if (program_find(path, argv[0]) != 0)
		return err_set(err, ERR_INVALID, "%s: there is no such program", argv[0]);
	status = child_start(path, argv, &fd, &child);
	if (status != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(status));
	while (more > 0)
		more = output_read(fd, out, until, &why);
	(void)close(fd);
	if (more < 0)
		(void)kill(-child, SIGKILL);
	*status_r = child_reap(child, until);
	if (more < 0)
		return err_set(err, why.code, "%s: %s", path, why.text);
	return 0;
}
