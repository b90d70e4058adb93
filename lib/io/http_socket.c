/*
 * http_socket.c - see http_socket.h.
 */
#define _GNU_SOURCE /* SO_REUSEPORT, accept4's flags */
#include "io/http_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections that may wait to be accepted; the kernel has a bound of its own (somaxconn). */
#define BACKLOG 4096

/* How long the kernel keeps a connection on which nothing was said from us. */
#define DEFER_S 1

#define PORT_MAX 65535

static const struct slice unix_word = SLICE_LIT("unix:");

/* --- what is written --- */

struct place {
	bool any; /* all addresses */
	struct net_addr addr;
	unsigned port;
};

static int
port_parse(struct slice text, unsigned *port_r)
{
	unsigned port = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_digit(text.p[i]) || port > PORT_MAX)
			return -1;
		port = port * 10 + (unsigned)(text.p[i] - '0');
	}
	*port_r = port;
	return text.n > 0 && port >= 1 && port <= PORT_MAX ? 0 : -1;
}

static int
place_parse(struct slice spec, struct place *place_r)
{
	size_t colon = slice_find_last(spec, ':');
	struct slice host = slice_head(spec, colon);

	*place_r = (struct place){.any = slice_eq(host, slice_of("*"))};
	if (colon == spec.n || port_parse(slice_from(spec, colon + 1), &place_r->port) != 0)
		return -1;
	if (place_r->any)
		return 0;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = slice_make(host.p + 1, host.n - 2);
	else if (slice_find(host, ':') < host.n)
		return -1;
	return net_addr_parse(host, &place_r->addr);
}

bool
http_socket_is_shared(struct slice spec)
{
	return !slice_starts(spec, unix_word);
}

int
http_socket_check(struct slice spec, struct err *err)
{
	struct sockaddr_un un;
	struct place place;

	if (slice_starts(spec, unix_word)) {
		struct slice path = slice_from(spec, unix_word.n);

		if (path.n > 0 && path.p[0] == '/' && path.n < sizeof(un.sun_path))
			return 0;
		return err_set(err, ERR_INVALID,
		    "\"%.*s\": write the whole path, of less than %zu bytes",
		    SLICE_ARG(slice_head(spec, 64)), sizeof(un.sun_path));
	}
	if (place_parse(spec, &place) == 0)
		return 0;
	return err_set(err, ERR_INVALID,
	    "\"%.*s\": write ADDRESS:PORT, as in 127.0.0.1:8080 or [::1]:8080, *:PORT, or "
	    "unix:PATH",
	    SLICE_ARG(slice_head(spec, 64)));
}

/* --- opening --- */

static int
fail(struct err *err, const char *spec, int fd)
{
	enum err_code code = errno == EADDRINUSE ? ERR_UNAVAILABLE
			     : errno == EACCES   ? ERR_DENIED
						 : ERR_IO;

	(void)err_set(err, code, "cannot listen at %s: %s", spec, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t
address_make(const struct place *place, union address *address_r)
{
	*address_r = (union address){.in6 = {.sin6_family = AF_INET6}};
	if (place->addr.family == NET_IPV6) {
		address_r->in6.sin6_port = htons((uint16_t)place->port);
		memcpy(&address_r->in6.sin6_addr, place->addr.bytes, 16);
		return sizeof(address_r->in6);
	}
	address_r->in = (struct sockaddr_in){.sin_family = AF_INET};
	address_r->in.sin_port = htons((uint16_t)place->port);
	memcpy(&address_r->in.sin_addr, place->addr.bytes, 4);
	return sizeof(address_r->in);
}

static int
port_share(int fd)
{
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
}

/* -1 with the reason in errno. */
static int
tcp_open(const struct place *place, bool shared)
{
	union address address;
	socklen_t n = address_make(place, &address);
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, v6only = place->any ? 0 : 1, defer_s = DEFER_S;

	if (fd < 0)
		return -1;
	if (address.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &defer_s, sizeof(defer_s));
	if ((shared && port_share(fd) != 0) || bind(fd, &address.any, n) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		int why = errno;

		(void)close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* All addresses are those of IPv6, by which IPv4 comes as well, where the host has it. */
static int
place_open(const char *spec, bool shared, struct err *err)
{
	struct place place;
	int fd;

	(void)place_parse(slice_of(spec), &place);
	if (place.any)
		place.addr.family = NET_IPV6;
	fd = tcp_open(&place, shared);
	if (fd < 0 && place.any && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
		place.addr.family = NET_IPV4;
		fd = tcp_open(&place, shared);
	}
	return fd >= 0 ? fd : fail(err, spec, fd);
}

/* Nobody listens there, though its name is: what a crash left. */
static bool
is_stale(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;
	bool stale = fd >= 0 && lstat(un->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
		     connect(fd, (const struct sockaddr *)un, sizeof(*un)) != 0 &&
		     errno == ECONNREFUSED;

	if (fd >= 0)
		(void)close(fd);
	return stale;
}

static int
unix_open(const char *spec, mode_t mode, struct err *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	mode_t mask;
	int bound;

	if (fd < 0)
		return fail(err, spec, fd);
	memcpy(un.sun_path, spec + unix_word.n, strlen(spec) - unix_word.n);
	if (is_stale(&un))
		(void)unlink(un.sun_path);
	mask = umask(0777 & ~mode); /* right from the start */
	bound = bind(fd, (struct sockaddr *)&un, sizeof(un));
	(void)umask(mask);
	if (bound != 0 || listen(fd, BACKLOG) != 0)
		return fail(err, spec, fd);
	return fd;
}

int
http_socket_open(const char *spec, mode_t mode, struct err *err)
{
	if (http_socket_check(slice_of(spec), err) != 0)
		return -1;
	if (!http_socket_is_shared(slice_of(spec)))
		return unix_open(spec, mode, err);
	return place_open(spec, false, err);
}

/* The first one is told only now that it shares: by then it listens, and whoever else wanted the port
 * for himself, as another gatepost-web, has been refused it, or has it. */
int
http_socket_add(const char *spec, int first, struct err *err)
{
	if (port_share(first) != 0)
		return fail(err, spec, -1);
	return place_open(spec, true, err);
}

bool
http_socket_peer(int fd, struct net_addr *peer_r)
{
	union address address = {.any = {.sa_family = AF_UNSPEC}};
	socklen_t n = sizeof(address);

	*peer_r = (struct net_addr){.family = NET_NONE};
	if (getpeername(fd, &address.any, &n) != 0)
		return false;
	if (address.any.sa_family == AF_INET)
		*peer_r = net_addr_ipv4(&address.in.sin_addr);
	else if (address.any.sa_family == AF_INET6)
		*peer_r = net_addr_ipv6(&address.in6.sin6_addr);
	return address.any.sa_family == AF_UNIX;
}

void
http_socket_close(const char *spec, int fd)
{
	if (!http_socket_is_shared(slice_of(spec)))
		(void)unlink(spec + unix_word.n);
	(void)close(fd);
}
