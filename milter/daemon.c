/*
 * daemon.c - see daemon.h.
 */
#define _DEFAULT_SOURCE /* initgroups() is not in POSIX */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int ready_fd = -1; /* the parent reads the other end */

/* The parent: a byte means ready; end of file, that the child died. */
static int
parent_wait(int fd, pid_t child)
{
	char byte;
	int status;
	ssize_t n;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		return 0;
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		return WEXITSTATUS(status);
	return EXIT_FAILURE;
}

int
daemon_detach(struct err *err)
{
	int fds[2];
	pid_t child;

	if (pipe(fds) != 0)
		return err_set(err, ERR_IO, "pipe: %s", strerror(errno));
	child = fork();
	if (child < 0)
		return err_set(err, ERR_IO, "fork: %s", strerror(errno));
	if (child > 0) {
		(void)close(fds[1]);
		_exit(parent_wait(fds[0], child));
	}
	(void)close(fds[0]);
	ready_fd = fds[1];
	(void)fcntl(ready_fd, F_SETFD, FD_CLOEXEC);
	(void)setsid();
	return chdir("/") == 0 ? 0 : err_set(err, ERR_IO, "chdir /: %s", strerror(errno));
}

void
daemon_ready(void)
{
	int null;

	if (ready_fd < 0)
		return;
	null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			(void)close(null);
	}
	/* a parent that is gone already is no trouble of ours */
	if (write(ready_fd, "", 1) < 0)
		ready_fd = -1;
	(void)close(ready_fd);
	ready_fd = -1;
}

/* "PATH:LINE: milter.OPTION = NAME: there is no such KIND …" */
static int
no_such(const struct conf *conf, const char *path, const char *option, const char *name,
    struct err *err)
{
	return err_set(err, ERR_INVALID,
	    "%s:%u: milter.%s = %s: there is no such name on this host; create it, or name another",
	    path, settings_line(conf, &daemon_section, option), option, name);
}

/* Do user and group exist? */
static int
users_check(const struct conf *conf, const char *path, struct err *err)
{
	const struct daemon_conf *d = settings_of(conf, &daemon_section);

	if (d->user[0] != '\0' && getpwnam(d->user) == NULL)
		return no_such(conf, path, "user", d->user, err);
	if (d->socket_group[0] != '\0' && getgrnam(d->socket_group) == NULL)
		return no_such(conf, path, "socket_group", d->socket_group, err);
	return 0;
}

struct conf *
daemon_conf_read(const char *path, struct err *err)
{
	struct conf *conf = settings_read(path, err);

	if (conf != NULL && users_check(conf, path, err) != 0) {
		conf_free(conf);
		return NULL;
	}
	return conf;
}

int
daemon_drop_privileges(const struct daemon_conf *conf, struct err *err)
{
	struct passwd *user;

	if (geteuid() != 0 || conf->user[0] == '\0')
		return 0;
	user = getpwnam(conf->user);
	if (user == NULL)
		return err_set(
		    err, ERR_INVALID, "milter.user = %s: there is no such user", conf->user);
	if (initgroups(user->pw_name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
	    setuid(user->pw_uid) != 0)
		return err_set(err, ERR_IO, "milter.user = %s: cannot become that user: %s",
		    conf->user, strerror(errno));
	if (user->pw_uid != 0 && setuid(0) == 0)
		return err_set(err, ERR_IO, "milter.user = %s: root came back", conf->user);
	return 0;
}

void
daemon_denied_advise(struct err *err)
{
	const struct group *group = getgrgid(getegid());

	if (err->code == ERR_DENIED && geteuid() != 0 && group != NULL)
		(void)err_set(
		    err, ERR_DENIED, "%s; chgrp %s, chmod g+rX", err->text, group->gr_name);
}
