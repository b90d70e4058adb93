/*
 * milter_probe.c - see milter_probe.h.
 */
#include "io/milter_probe.h"

#include "base/buf.h"
#include "io/deadline.h"
#include "io/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HOST_BYTES 256
#define PORT_BYTES 8

/* What an MTA says first: a length, 'O', and that it speaks version 6 and can do everything, so that
 * no milter has a reason to refuse. */
static const unsigned char hello[] = {
    0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 0x01, 0xff, 0, 0x1f, 0xff, 0xff};
static const unsigned char bye[] = {0, 0, 0, 1, 'Q'};

/* The answer begins with a length of 13, or more when it asks for macros, and 'O'. */
#define ANSWER_BYTES 5

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

static int
spec_open(const char *spec, struct deadline until, struct err *err)
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

/* The first bytes of the answer. */
static int
answer_read(int fd, unsigned char answer[ANSWER_BYTES], struct deadline until, struct err *err)
{
	size_t got = 0;

	while (got < ANSWER_BYTES) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&pfd, 1, (int)(deadline_left_us(until) / 1000)) != 1)
			return err_set(err, ERR_TIMEOUT, "it listens, but does not answer");
		n = recv(fd, answer + got, ANSWER_BYTES - got, 0);
		if (n <= 0)
			return err_set(err, ERR_INVALID, "it closes the connection");
		got += (size_t)n;
	}
	return 0;
}

static int
negotiate(int fd, struct deadline until, struct err *err)
{
	unsigned char answer[ANSWER_BYTES] = {0};

	if (send(fd, hello, sizeof(hello), MSG_NOSIGNAL) != (ssize_t)sizeof(hello))
		return err_set(err, ERR_INVALID, "it closes the connection");
	if (answer_read(fd, answer, until, err) != 0)
		return -1;
	if (answer[0] != 0 || answer[1] != 0 || answer[4] != 'O')
		return err_set(err, ERR_INVALID, "what answers there is no milter");
	(void)send(fd, bye, sizeof(bye), MSG_NOSIGNAL);
	return 0;
}

int
milter_probe(const char *spec, int64_t timeout_ms, struct err *err)
{
	struct deadline until = deadline_in_ms(timeout_ms);
	int status;
	int fd;

	if (listener_spec_check(spec, err) != 0)
		return -1;
	fd = spec_open(spec, until, err);
	if (fd < 0)
		return -1;
	status = negotiate(fd, until, err);
	(void)close(fd);
	return status;
}
