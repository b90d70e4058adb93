/*
 * files.c - see files.h.
 */
#include "io/files.h"

#include "io/access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads until end of file or n bytes; the number read, or -1 with errno. */
static ssize_t
read_all(int fd, char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, p + done, n - done);

		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -1;
		done += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)done;
}

static int
read_fd(int fd, const char *path, size_t max_bytes, struct arena *a, struct slice *text_r,
    struct err *err)
{
	struct stat st;
	char *p;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s: not a regular file", path);
	if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes)
		return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes; is it the right file?",
		    path, max_bytes);
	p = arena_alloc(a, (size_t)st.st_size + 1);
	if (p == NULL)
		return err_set(
		    err, ERR_NOMEM, "%s: no memory for its %jd bytes", path, (intmax_t)st.st_size);
	n = read_all(fd, p, (size_t)st.st_size);
	if (n < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	*text_r = slice_make(p, (size_t)n);
	return 0;
}

int
files_read(
    const char *path, size_t max_bytes, struct arena *a, struct slice *text_r, struct err *err)
{
	/* not blocking: a FIFO by that name must not hold the daemon */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int result;

	if (fd < 0 && errno == EACCES)
		return access_denied(path, ACCESS_READ, err);
	if (fd < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	result = read_fd(fd, path, max_bytes, a, text_r, err);
	(void)close(fd);
	return result;
}

static int
conf_read(const struct conf_files *files, const char *path, size_t max_bytes, struct arena *a,
    struct slice *text_r, struct err *err)
{
	(void)files;
	return files_read(path, max_bytes, a, text_r, err);
}

const struct conf_files files_conf = {conf_read};

void
files_trial_look(const struct files_trial *trial, const char *path)
{
	struct err err;

	if (access_check(path, trial->user, ACCESS_READ, &err) != 0 && err.code == ERR_DENIED)
		trial->denied(trial->arg, err.text);
}

static int
trial_read(const struct conf_files *files, const char *path, size_t max_bytes, struct arena *a,
    struct slice *text_r, struct err *err)
{
	/* files is its first member */
	files_trial_look((const struct files_trial *)(const void *)files, path);
	return files_read(path, max_bytes, a, text_r, err);
}

void
files_trial_init(struct files_trial *trial, const char *user,
    void (*denied)(void *arg, const char *why), void *arg)
{
	*trial = (struct files_trial){{trial_read}, user, denied, arg};
}

struct files_identity
files_identify(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (struct files_identity){.ino = 0};
	return (struct files_identity){st.st_dev, st.st_ino, st.st_size, st.st_mtim};
}

bool
files_identity_eq(const struct files_identity *a, const struct files_identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->bytes == b->bytes &&
	       a->modified.tv_sec == b->modified.tv_sec &&
	       a->modified.tv_nsec == b->modified.tv_nsec;
}

bool
files_world_readable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IROTH) != 0;
}
