/*
 * probe.c - see probe.h.
 */
#include "io/probe.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PORT_BYTES 8

/* Connects, and waits until that is done. 0, or -1 with errno. */
static int
connect_until(int fd, const struct sockaddr *addr, socklen_t n, struct deadline until)
{
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof(error);

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, addr, n) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return -1; /* EAGAIN: the queue of a unix socket is full */
	if (poll(&pfd, 1, (int)(deadline_left_us(until) / 1000)) != 1) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
		return -1;
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
unix_open(const char *path, struct deadline until)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int kept;

	if (fd < 0)
		return -1;
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (connect_until(fd, (const struct sockaddr *)&addr, sizeof(addr), until) == 0)
		return fd;
	kept = errno;
	(void)close(fd);
	errno = kept;
	return -1;
}

/* "PORT@HOST"; no host: this one. */
static int
inet_open(const char *where, int family, struct deadline until, struct err *err)
{
	struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
	struct slice all = slice_of(where);
	size_t at = slice_find(all, '@');
	char storage[PORT_BYTES];
	struct buf port = BUF_OVER(storage);
	struct addrinfo *list;
	int fd = -1;
	int status;

	buf_add(&port, slice_head(all, at));
	status = getaddrinfo(at < all.n ? where + at + 1 : NULL, buf_text(&port), &hints, &list);
	if (status != 0)
		return err_set(err, ERR_IO, "%s: %s", where, gai_strerror(status));
	(void)err_set(err, ERR_IO, "%s: no address", where);
	for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, 0);
		if (fd >= 0 && connect_until(fd, a->ai_addr, a->ai_addrlen, until) == 0)
			break;
		(void)err_set(err, ERR_IO, "%s", strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	return fd;
}

int
probe_open(const char *spec, struct deadline until, struct err *err)
{
	const char *where = strchr(spec, ':') + 1;
	int fd;

	if (strncmp(spec, "inet6:", 6) == 0)
		return inet_open(where, AF_INET6, until, err);
	if (strncmp(spec, "inet:", 5) == 0)
		return inet_open(where, AF_INET, until, err);
	fd = unix_open(where, until);
	return fd >= 0 ? fd : err_set(err, ERR_IO, "%s", strerror(errno));
}

int
probe_send(int fd, const void *question, size_t n, struct err *err)
{
	if (send(fd, question, n, MSG_NOSIGNAL) == (ssize_t)n)
		return 0;
	return err_set(err, ERR_INVALID, "it closes the connection");
}

int
probe_read(int fd, void *answer, size_t n, struct deadline until, struct err *err)
{
	char *at = answer;

	while (n > 0) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		ssize_t got;

		if (poll(&pfd, 1, (int)(deadline_left_us(until) / 1000)) != 1)
			return err_set(err, ERR_TIMEOUT, "it listens, but does not answer");
		got = recv(fd, at, n, 0);
		if (got <= 0)
			return err_set(err, ERR_INVALID, "it closes the connection");
		at += got;
		n -= (size_t)got;
	}
	return 0;
}
