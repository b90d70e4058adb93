/*
 * body_spool.c - see body_spool.h.
 */
#define _GNU_SOURCE /* O_TMPFILE, mkostemp() */
#include "io/body_spool.h"

#include "io/access.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where there is none, the directory itself is opened for writing, and that fails with EISDIR as it
 * does with kernels and file systems that know nothing of it. */
#ifndef O_TMPFILE
#define O_TMPFILE 0
#endif

#define PATH_BYTES 4096

static const char file_name[] = "gatepost-XXXXXX";

void
body_spool_init(struct body_spool *spool, const char *directory)
{
	*spool = (struct body_spool){.directory = directory, .fd = -1};
}

void
body_spool_fini(struct body_spool *spool)
{
	if (spool->map != NULL)
		(void)munmap(spool->map, spool->in_file);
	if (spool->fd >= 0)
		(void)close(spool->fd);
	free(spool->p);
	body_spool_init(spool, spool->directory);
}

size_t
body_spool_size(const struct body_spool *spool)
{
	return spool->in_file + spool->n;
}

/* Tells again what failed before. */
static int
why_again(const struct body_spool *spool, struct err *err)
{
	return err_set(err, spool->why.code, "%s", spool->why.text);
}

static int
no_memory(struct body_spool *spool, size_t n, struct err *err)
{
	spool->failed = true;
	(void)err_set(&spool->why, ERR_NOMEM, "no memory for %zu bytes of a message's body", n);
	return why_again(spool, err);
}

/* After a call that left errno. */
static int
no_file(struct body_spool *spool, struct err *err)
{
	int code = errno;

	spool->failed = true;
	if (code == EACCES) {
		(void)access_denied(spool->directory, ACCESS_WRITE, &spool->why);
		(void)err_set(&spool->why, ERR_DENIED,
		    "%s; give it that right, or set outbound.spool to another directory",
		    spool->why.text);
	} else if (code == ENOSPC || code == EDQUOT || code == EFBIG) {
		(void)err_set(&spool->why, ERR_IO,
		    "%s: %s, after %zu bytes of a message's body; make room, or set "
		    "outbound.spool to another directory",
		    spool->directory, strerror(code), spool->in_file);
	} else {
		(void)err_set(&spool->why, ERR_IO,
		    "%s: %s; bodies of large messages wait there (outbound.spool)",
		    spool->directory, strerror(code));
	}
	return why_again(spool, err);
}

/* --- The file --- */

/* A file without a name; -1 with errno. */
static int
file_open(const char *directory)
{
	char path[PATH_BYTES];
	int fd = open(directory, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, file_name) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0 && unlink(path) != 0) {
		int code = errno;

		(void)close(fd);
		errno = code;
		return -1;
	}
	return fd;
}

/* Writes all of it at the end of the file; -1 with errno. */
static int
file_write(struct body_spool *spool, struct slice bytes)
{
	while (bytes.n > 0) {
		ssize_t n = pwrite(spool->fd, bytes.p, bytes.n, (off_t)spool->in_file);

		if (n == 0)
			errno = ENOSPC;
		if (n == 0 || (n < 0 && errno != EINTR))
			return -1;
		if (n > 0) {
			spool->in_file += (size_t)n;
			bytes = slice_from(bytes, (size_t)n);
		}
	}
	return 0;
}

/* What is in memory goes into the file. */
static int
flush(struct body_spool *spool, struct err *err)
{
	if (file_write(spool, slice_make(spool->p, spool->n)) != 0)
		return no_file(spool, err);
	spool->n = 0;
	return 0;
}

/* From memory to a file; from now on memory is for what the next write takes. */
static int
file_begin(struct body_spool *spool, struct err *err)
{
	char *p;

	spool->fd = file_open(spool->directory);
	if (spool->fd < 0)
		return no_file(spool, err);
	if (flush(spool, err) != 0)
		return -1;
	p = realloc(spool->p, BODY_SPOOL_WRITE_BYTES);
	if (p == NULL && spool->room == 0)
		return no_memory(spool, BODY_SPOOL_WRITE_BYTES, err);
	if (p != NULL) {
		spool->p = p;
		spool->room = BODY_SPOOL_WRITE_BYTES;
	}
	return 0;
}

/* --- Memory --- */

/* Room for n more bytes, which with those that are there do not pass the bound: as much as the first
 * piece needs, then twice as much each time. */
static int
reserve(struct body_spool *spool, size_t n, struct err *err)
{
	size_t room = spool->room * 2;
	char *p;

	if (n <= spool->room - spool->n)
		return 0;
	if (room < spool->n + n)
		room = spool->n + n;
	if (room > BODY_SPOOL_MEMORY_BYTES)
		room = BODY_SPOOL_MEMORY_BYTES;
	p = realloc(spool->p, room);
	if (p == NULL)
		return no_memory(spool, room, err);
	spool->p = p;
	spool->room = room;
	return 0;
}

static void
keep(struct body_spool *spool, struct slice bytes)
{
	assert(bytes.n <= spool->room - spool->n);
	memcpy(spool->p + spool->n, bytes.p, bytes.n);
	spool->n += bytes.n;
}

/* Once there is a file: p is filled up, then written whole. */
static int
file_add(struct body_spool *spool, struct slice bytes, struct err *err)
{
	while (bytes.n > 0) {
		struct slice part = slice_head(bytes, spool->room - spool->n);

		keep(spool, part);
		bytes = slice_from(bytes, part.n);
		if (spool->n == spool->room && flush(spool, err) != 0)
			return -1;
	}
	return 0;
}

int
body_spool_add(struct body_spool *spool, struct slice bytes, struct err *err)
{
	assert(!spool->viewed);
	if (spool->failed)
		return why_again(spool, err);
	if (bytes.n == 0)
		return 0;
	if (spool->fd < 0 && bytes.n <= BODY_SPOOL_MEMORY_BYTES - spool->n) {
		if (reserve(spool, bytes.n, err) != 0)
			return -1;
		keep(spool, bytes);
		return 0;
	}
	if (spool->fd < 0 && file_begin(spool, err) != 0)
		return -1;
	return file_add(spool, bytes, err);
}

/* --- The whole --- */

static int
file_map(struct body_spool *spool, struct err *err)
{
	void *map;

	if (flush(spool, err) != 0)
		return -1;
	map = mmap(NULL, spool->in_file, PROT_READ, MAP_PRIVATE, spool->fd, 0);
	if (map == MAP_FAILED && errno == ENOMEM)
		return no_memory(spool, spool->in_file, err);
	if (map == MAP_FAILED)
		return no_file(spool, err);
	(void)posix_madvise(map, spool->in_file, POSIX_MADV_SEQUENTIAL);
	spool->map = map;
	free(spool->p);
	spool->p = NULL;
	spool->room = 0;
	return 0;
}

int
body_spool_view(struct body_spool *spool, struct slice *body_r, struct err *err)
{
	if (spool->failed)
		return why_again(spool, err);
	if (spool->fd >= 0 && spool->map == NULL && file_map(spool, err) != 0)
		return -1;
	spool->viewed = true;
	if (spool->map != NULL)
		*body_r = slice_make(spool->map, spool->in_file);
	else
		*body_r = slice_make(spool->n > 0 ? spool->p : "", spool->n);
	return 0;
}
