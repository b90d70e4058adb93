/*
 * key_file.c - see key_file.h.
 */
#include "key_file.h"

#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_BYTES 2048

#define FILE_MODE      0640
#define DIRECTORY_MODE 0750

int
key_owner_of(struct ctl *ctl, struct key_owner *owner_r, struct err *err)
{
	const struct daemon_conf *daemon = settings_of(ctl->conf, &daemon_section);
	const struct passwd *user;
	struct stat st;

	*owner_r = (struct key_owner){getegid(), false};
	if (daemon->user[0] == '\0') {
		if (stat(ctl->conf_path, &st) == 0)
			owner_r->group = st.st_gid;
		return 0;
	}
	user = getpwnam(daemon->user);
	if (user == NULL)
		return err_set(
		    err, ERR_INVALID, "milter.user = %s: there is no such user", daemon->user);
	owner_r->group = user->pw_gid;
	return 0;
}

void
key_owner_tell(const struct key_owner *owner, const char *path)
{
	if (owner->denied)
		(void)ctl_fail(0, "%s is not readable for gatepostd; as root: chgrp %lu %s", path,
		    (unsigned long)owner->group, path);
}

static int
fail(const char *path, struct err *err)
{
	return err_set(err, errno == EACCES ? ERR_DENIED : ERR_IO, "%s: %s", path, strerror(errno));
}

/* The directory that the path is in. */
static int
parent_of(const char *path, char parent_r[PATH_BYTES], struct err *err)
{
	struct slice all = slice_of(path);
	size_t n = slice_find_last(all, '/');

	if (n == all.n || all.n >= PATH_BYTES)
		return err_set(err, ERR_INVALID, "%s: no path that can be used", path);
	(void)snprintf(parent_r, PATH_BYTES, "%.*s", (int)(n == 0 ? 1 : n), path);
	return 0;
}

/* Gives what is open there to the group; root must be able to. */
static int
group_give(int fd, gid_t group, struct key_owner *owner)
{
	if (fchown(fd, (uid_t)-1, group) == 0)
		return 0;
	if (geteuid() == 0)
		return -1;
	owner->denied = true;
	return 0;
}

static int
directory_own(const char *path, struct key_owner *owner)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status = -1;

	if (fd < 0)
		return -1;
	if (group_give(fd, owner->group, owner) == 0)
		status = fchmod(fd, DIRECTORY_MODE); /* whatever the umask */
	(void)close(fd);
	return status;
}

int
key_directory_make(const char *path, struct key_owner *owner, struct err *err)
{
	char part[PATH_BYTES];
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return err_set(err, ERR_INVALID, "%s: no path that can be used", path);
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (mkdir(part, DIRECTORY_MODE) == 0 ? directory_own(part, owner) != 0
						     : errno != EEXIST)
			return fail(part, err);
	}
	return 0;
}

static int
directory_sync(const char *path, struct err *err)
{
	char parent[PATH_BYTES];
	int fd;
	int status;

	if (parent_of(path, parent, err) != 0)
		return -1;
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		(void)close(fd);
	return status == 0 ? 0 : fail(parent, err);
}

static int
write_all(int fd, struct slice text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return -1;
		text = slice_from(text, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

struct wanted {
	mode_t mode;
	gid_t group;
};

/* Writes a file with a name of its own beside the path, and has it on the disk. */
static int
temporary_write(const char *path, struct slice text, const struct wanted *wanted,
    struct key_owner *owner, char name_r[PATH_BYTES])
{
	struct slice all = slice_of(path);
	size_t slash = slice_find_last(all, '/');
	int fd, status = -1, saved;

	/* begins with a dot: who reads the directory leaves it alone */
	(void)snprintf(name_r, PATH_BYTES, "%.*s/.%s.XXXXXX", (int)slash, path, path + slash + 1);
	fd = mkstemp(name_r);
	if (fd < 0)
		return -1;
	if (group_give(fd, wanted->group, owner) == 0 && fchmod(fd, wanted->mode) == 0 &&
	    write_all(fd, text) == 0 && fsync(fd) == 0)
		status = 0;
	saved = errno;
	if (close(fd) != 0 && status == 0) {
		status = -1;
		saved = errno;
	}
	if (status != 0)
		(void)unlink(name_r);
	errno = saved;
	return status;
}

static int
path_check(const char *path, struct err *err)
{
	if (strchr(path, '/') != NULL && strlen(path) + sizeof("/..XXXXXX") < PATH_BYTES)
		return 0;
	return err_set(err, ERR_INVALID, "%s: no path that can be used", path);
}

int
key_file_create(const char *path, struct slice text, struct key_owner *owner, struct err *err)
{
	const struct wanted wanted = {FILE_MODE, owner->group};
	char temporary[PATH_BYTES];
	int status, saved;

	if (path_check(path, err) != 0)
		return -1;
	if (temporary_write(path, text, &wanted, owner, temporary) != 0)
		return fail(path, err);
	status = link(temporary, path);
	saved = errno;
	(void)unlink(temporary);
	errno = saved;
	if (status != 0 && errno == EEXIST)
		return 1;
	return status != 0 ? fail(path, err) : directory_sync(path, err);
}

int
key_file_replace(const char *path, struct slice text, struct key_owner *owner, struct err *err)
{
	struct wanted wanted = {FILE_MODE, owner->group};
	char temporary[PATH_BYTES];
	struct stat st;
	char *real = realpath(path, NULL); /* of a link, the file is what changes */
	const char *target = real != NULL ? real : path;
	int status = -1;

	if (stat(target, &st) == 0)
		wanted = (struct wanted){(st.st_mode & 0770) | 0600, st.st_gid};
	if (path_check(target, err) != 0) {
		free(real);
		return -1;
	}
	if (temporary_write(target, text, &wanted, owner, temporary) != 0) {
		(void)fail(path, err);
	} else if (rename(temporary, target) != 0) {
		(void)fail(path, err);
		(void)unlink(temporary);
	} else {
		status = directory_sync(target, err);
	}
	free(real);
	return status;
}
