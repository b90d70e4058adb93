/*
 * knock.c - see knock.h.
 */
#include "io/knock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* On this host a connection is there at once, unless the queue is full. */
#define COMPLETE_MS 10

/* Of inet sockets, what was bound, so that a name in milter.listen need not be looked up; a unix
 * socket was renamed since. 0, or -1 with errno. */
static int
address_of(const struct listener *l, struct sockaddr_storage *addr_r, socklen_t *n_r)
{
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)addr_r;

	*addr_r = (struct sockaddr_storage){.ss_family = AF_UNIX};
	*n_r = sizeof(*addr_r);
	if (l->path[0] == '\0')
		return getsockname(l->fd, (struct sockaddr *)addr_r, n_r);
	(void)snprintf(
	    un->sun_path, sizeof(un->sun_path), "%.*s", (int)sizeof(un->sun_path) - 1, l->path);
	*n_r = sizeof(*un);
	return 0;
}

/* 0, or -1 with errno. */
static int
complete(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	int error = ETIMEDOUT;
	socklen_t n = sizeof(error);

	if (poll(&pfd, 1, COMPLETE_MS) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0)
		return 0;
	errno = error;
	return -1;
}

/* 0, or -1 with errno. */
static int
connect_and_end(int fd, const struct sockaddr *addr, socklen_t n)
{
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, addr, n) != 0 && (errno != EINPROGRESS || complete(fd) != 0))
		return -1;
	return shutdown(fd, SHUT_WR);
}

int
knock_open(const struct listener *l)
{
	struct sockaddr_storage addr;
	socklen_t n;
	int kept;
	int fd;

	if (address_of(l, &addr, &n) != 0)
		return -1;
	fd = socket(addr.ss_family, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	if (connect_and_end(fd, (const struct sockaddr *)&addr, n) == 0)
		return fd;
	kept = errno;
	(void)close(fd);
	errno = kept;
	return -1;
}

bool
knock_heard(int fd, int wait_ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return poll(&pfd, 1, wait_ms) == 1;
}
