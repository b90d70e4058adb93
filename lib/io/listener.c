/*
 * listener.c - see listener.h.
 */
#include "io/listener.h"

#include "base/buf.h"
#include "base/slice.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What the private name adds to the public one: ".new." and a pid. */
#define PRIVATE_SUFFIX_BYTES 13

/* Descriptors that may be open when libmilter opens its socket: few, none of them ours but the
 * lock; whoever started us may have left some. */
#define OPEN_AT_START_MAX 1024

#define LOCK_NAME_BYTES (LISTENER_SPEC_BYTES + 8)

/* A lock that is removed between being opened and being taken is made anew. */
#define LOCK_TRIES 100

/* A user's name, for a sentence. */
#define NAME_BYTES 64

static int
unix_spec_check(struct slice path, struct err *err)
{
	size_t room = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 - PRIVATE_SUFFIX_BYTES;

	if (path.n == 0 || path.p[0] != '/')
		return err_set(err, ERR_INVALID, "the path of a unix socket must begin with /");
	if (path.n > room)
		return err_set(err, ERR_INVALID,
		    "the path of a unix socket may have at most %zu bytes, this has %zu", room,
		    path.n);
	return 0;
}

static int
inet_spec_check(struct slice rest, struct err *err)
{
	size_t at = slice_find(rest, '@');
	struct slice port = slice_head(rest, at);
	long number = 0;

	for (size_t i = 0; i < port.n && number <= 65535; i++) {
		if (!ascii_is_digit(port.p[i]))
			number = 65536;
		else
			number = number * 10 + (port.p[i] - '0');
	}
	if (number < 1 || number > 65535)
		return err_set(err, ERR_INVALID,
		    "the port must be a number from 1 to 65535, as in inet:8891@127.0.0.1");
	if (at + 1 >= rest.n)
		return err_set(err, ERR_INVALID,
		    "the host is missing: write inet:PORT@127.0.0.1, or inet:PORT@0.0.0.0 when "
		    "everybody who reaches this host may connect");
	return 0;
}

int
listener_spec_check(const char *spec, struct err *err)
{
	struct slice all = slice_of(spec);
	size_t colon = slice_find(all, ':');
	struct slice kind = slice_head(all, colon);
	struct slice rest = slice_from(all, colon + 1);

	if (colon < all.n &&
	    (slice_eq(kind, slice_of("unix")) || slice_eq(kind, slice_of("local"))))
		return unix_spec_check(rest, err);
	if (colon < all.n &&
	    (slice_eq(kind, slice_of("inet")) || slice_eq(kind, slice_of("inet6"))))
		return inet_spec_check(rest, err);
	return err_set(
	    err, ERR_INVALID, "write unix:/PATH, inet:PORT@HOST or inet6:PORT@HOST, as MTAs do");
}

/* The name of a user, or its number when it has none. */
static const char *
user_name(uid_t uid, char *storage, size_t bytes)
{
	const struct passwd *user = getpwuid(uid);

	if (user != NULL)
		(void)snprintf(storage, bytes, "%s", user->pw_name);
	else
		(void)snprintf(storage, bytes, "uid %ld", (long)uid);
	return storage;
}

/* Why the lock could not be opened, and what to do. */
static int
lock_denied(const struct listener *l, const char *name, int why, struct err *err)
{
	char me[NAME_BYTES], owner[NAME_BYTES];
	struct stat st;

	(void)user_name(geteuid(), me, sizeof(me));
	if (lstat(name, &st) != 0)
		return err_set(err, ERR_IO,
		    "milter.listen = unix:%s: cannot create files beside it: %s; make its folder, "
		    "for the user that gatepostd is started as (%s)",
		    l->path, strerror(why), me);
	return err_set(err, ERR_IO,
	    "%s, which says who serves that socket, cannot be opened: %s: this runs as %s, and it "
	    "belongs to %s; when no gatepostd of that user runs any more, remove it",
	    name, strerror(why), me, user_name(st.st_uid, owner, sizeof(owner)));
}

/* Who holds the lock. */
static int
lock_held(const struct listener *l, const char *name, struct err *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (errno != EACCES && errno != EAGAIN)
		return err_set(err, ERR_IO, "%s: cannot lock: %s", name, strerror(errno));
	if (fcntl(l->lock_fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
		lock.l_pid = 0;
	return err_set(err, ERR_UNAVAILABLE,
	    "another gatepostd (pid %ld) is serving %s; stop it first, or give this one another "
	    "milter.listen",
	    (long)lock.l_pid, l->path);
}

static void
lock_name(const struct listener *l, char name_r[LOCK_NAME_BYTES])
{
	(void)snprintf(name_r, LOCK_NAME_BYTES, "%s.lock", l->path);
}

/* True when the file that is open still has the name: who held the lock until now may have removed
 * it. */
static bool
lock_is_named(int fd, const char *name)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && lstat(name, &named) == 0 &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

static void
lock_close(struct listener *l)
{
	(void)close(l->lock_fd);
	l->lock_fd = -1;
}

static int
lock_take(struct listener *l, struct err *err)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char name[LOCK_NAME_BYTES];

	lock_name(l, name);
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		l->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (l->lock_fd < 0)
			return lock_denied(l, name, errno, err);
		if (fcntl(l->lock_fd, F_SETLK, &lock) != 0) {
			(void)lock_held(l, name, err);
			lock_close(l);
			return -1;
		}
		if (lock_is_named(l->lock_fd, name))
			return 0;
		lock_close(l);
	}
	return err_set(err, ERR_IO, "%s: somebody keeps removing it", name);
}

/* Removes the lock while it is held: the next may be another user, who could not open it. In a
 * folder that is not ours it stays, and does no harm. */
static void
lock_drop(struct listener *l)
{
	char name[LOCK_NAME_BYTES];

	lock_name(l, name);
	if (lock_is_named(l->lock_fd, name))
		(void)unlink(name);
	lock_close(l);
}

/* A file by the socket's name that is no socket is somebody's file. */
static int
path_check(const char *path, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		return err_set(err, ERR_IO,
		    "%s exists and is no socket; remove it, or listen elsewhere", path);
	return 0;
}

int
listener_claim(struct listener *l, const char *spec, struct err *err)
{
	struct slice all = slice_of(spec);
	size_t colon = slice_find(all, ':');

	*l = (struct listener){.fd = -1, .lock_fd = -1};
	if (listener_spec_check(spec, err) != 0)
		return -1;
	(void)snprintf(l->spec, sizeof(l->spec), "%s", spec);
	if (slice_starts(all, slice_of("inet")))
		return 0;
	(void)snprintf(l->path, sizeof(l->path), "%s", spec + colon + 1);
	if (path_check(l->path, err) != 0 || lock_take(l, err) != 0) {
		listener_release(l);
		return -1;
	}
	(void)snprintf(l->spec, sizeof(l->spec), "unix:%.1000s.new.%ld", l->path, (long)getpid());
	l->made = l->spec + strlen("unix:");
	return 0;
}

/* The socket, and the lock, so that this user can start without root the next time. */
static int
user_set(const struct listener *l, const char *user, struct err *err)
{
	struct passwd *found;

	if (user == NULL || user[0] == '\0')
		return 0;
	found = getpwnam(user);
	if (found == NULL)
		return err_set(err, ERR_INVALID, "milter.user = %s: there is no such user", user);
	if (chown(l->made, found->pw_uid, (gid_t)-1) != 0 ||
	    fchown(l->lock_fd, found->pw_uid, found->pw_gid) != 0)
		return err_set(err, ERR_IO, "%s: cannot give it to user %s: %s", l->made, user,
		    strerror(errno));
	return 0;
}

static int
group_set(const char *path, const char *group, struct err *err)
{
	char me[NAME_BYTES];
	struct group *found;

	if (group == NULL || group[0] == '\0')
		return 0;
	found = getgrnam(group);
	if (found == NULL)
		return err_set(
		    err, ERR_INVALID, "milter.socket_group = %s: there is no such group", group);
	if (chown(path, (uid_t)-1, found->gr_gid) == 0)
		return 0;
	if (errno != EPERM || geteuid() == 0)
		return err_set(err, ERR_IO, "%s: cannot give it to group %s: %s", path, group,
		    strerror(errno));
	(void)user_name(geteuid(), me, sizeof(me));
	return err_set(err, ERR_IO,
	    "milter.socket_group = %s: this runs as %s, who is not in that group and so may not "
	    "give it the socket: adduser %s %s, or start as root with milter.user = %s",
	    group, me, me, group, me);
}

/* libmilter keeps its listening socket to itself; it is the only one that this process has. */
static int
listening_fd(void)
{
	for (int fd = 0; fd < OPEN_AT_START_MAX; fd++) {
		int listening = 0;
		socklen_t n = sizeof(listening);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) == 0 && listening)
			return fd;
	}
	return -1;
}

/* Puts something in the socket's place that never becomes readable, so that libmilter goes on to
 * wait there, and then ends the socket. */
static void
accept_end(int fd)
{
	int old = dup(fd);
	int fds[2];

	if (old >= 0 && pipe(fds) == 0) {
		(void)dup2(fds[0], fd); /* fds[1] stays open to the end of the process */
		(void)close(fds[0]);
		(void)shutdown(old, SHUT_RDWR); /* wakes who waits for it */
	}
	if (old >= 0)
		(void)close(old);
}

int
listener_publish(
    struct listener *l, mode_t mode, const char *user, const char *group, struct err *err)
{
	struct stat st;

	l->fd = listening_fd();
	if (l->made == NULL)
		return 0;
	/* once more: somebody may have put a file there since listener_claim() */
	if (path_check(l->path, err) != 0 || user_set(l, user, err) != 0 ||
	    group_set(l->made, group, err) != 0)
		return -1;
	if (chmod(l->made, mode) != 0 || lstat(l->made, &st) != 0 || rename(l->made, l->path) != 0)
		return err_set(
		    err, ERR_IO, "%s: cannot put the socket there: %s", l->path, strerror(errno));
	l->made = NULL;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

void
listener_release(struct listener *l)
{
	struct stat st;

	if (l->made != NULL)
		(void)unlink(l->made);
	l->made = NULL;
	if (l->ino != 0 && lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		(void)unlink(l->path);
	l->ino = 0;
	if (l->fd >= 0)
		accept_end(l->fd);
	l->fd = -1;
	if (l->lock_fd >= 0)
		lock_drop(l);
}
