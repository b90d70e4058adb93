/*
 * redis_address.c - see redis_address.h.
 */
#include "io/redis_address.h"

#include <netdb.h>
#include <sys/socket.h>

static const struct slice unix_tag = SLICE_LIT("unix:");
static const struct slice tcp_tag = SLICE_LIT("tcp:");

static int
part_copy(char *out, size_t room, struct slice part)
{
	if (part.n == 0 || part.n >= room || slice_find(part, '\0') < part.n)
		return -1;
	memcpy(out, part.p, part.n);
	out[part.n] = '\0';
	return 0;
}

static int
port_parse(struct slice text, int *port_r)
{
	int port = 0;

	if (text.n == 0 || text.n > 5)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_digit(text.p[i]))
			return -1;
		port = port * 10 + (text.p[i] - '0');
	}
	*port_r = port;
	return port >= 1 && port <= 65535 ? 0 : -1;
}

/* "HOST:PORT", "[IPV6]:PORT" */
static int
tcp_parse(struct slice text, struct redis_server *server_r)
{
	size_t colon = slice_find_last(text, ':');
	struct slice host = slice_head(text, colon);
	struct slice port = slice_from(text, colon + 1);

	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = slice_make(host.p + 1, host.n - 2);
	else if (slice_find(host, ':') < host.n)
		return -1; /* an IPv6 address without its brackets: where would the port begin? */
	for (size_t i = 0; i < host.n; i++) {
		if (host.p[i] <= ' ' || host.p[i] > '~' || strchr("/[]", host.p[i]) != NULL)
			return -1;
	}
	if (part_copy(server_r->host, sizeof(server_r->host), host) != 0)
		return -1;
	return port_parse(port, &server_r->port);
}

int
redis_server_parse(const char *text, struct redis_server *server_r, struct err *err)
{
	struct slice s = slice_of(text);

	*server_r = (struct redis_server){.port = 0};
	if (slice_starts(s, unix_tag)) {
		struct slice path = slice_from(s, unix_tag.n);

		if (part_copy(server_r->path, sizeof(server_r->path), path) == 0 &&
		    server_r->path[0] == '/')
			return 0;
		return err_set(err, ERR_INVALID,
		    "\"%s\": unix: wants an absolute path of at most %d bytes", text,
		    REDIS_PATH_BYTES - 1);
	}
	if (slice_starts(s, tcp_tag) && tcp_parse(slice_from(s, tcp_tag.n), server_r) == 0)
		return 0;
	return err_set(err, ERR_INVALID,
	    "\"%s\" is no server; write unix:PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT", text);
}

int
redis_server_check(const char *text, struct err *err)
{
	struct redis_server server;

	return redis_server_parse(text, &server, err);
}

int
redis_address_init(struct redis_address *address, const char *text, struct err *err)
{
	struct net_addr number;
	struct redis_server *server = &address->server;

	*address = (struct redis_address){.lock = PTHREAD_MUTEX_INITIALIZER};
	if (redis_server_parse(text, server, err) != 0)
		return -1;
	if (server->host[0] != '\0' && net_addr_parse(slice_of(server->host), &number) == 0) {
		struct buf out;

		buf_init(&out, address->numbers.text[0], NET_ADDR_TEXT_BYTES);
		net_addr_format(&out, &number);
		(void)buf_text(&out);
		address->numbers.n = 1;
	}
	return 0;
}

void
redis_address_fini(struct redis_address *address)
{
	(void)pthread_mutex_destroy(&address->lock);
}

/* True when DNS has a say: a host that is no number. */
static bool
server_is_name(const struct redis_server *server)
{
	struct net_addr number;

	return server->host[0] != '\0' && net_addr_parse(slice_of(server->host), &number) != 0;
}

int
redis_address_resolve(struct redis_address *address, struct err *err)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct redis_numbers found = {.n = 0};
	struct addrinfo *list;
	int status;

	if (!server_is_name(&address->server))
		return 0;
	status = getaddrinfo(address->server.host, NULL, &hints, &list);
	if (status != 0)
		return err_set(
		    err, ERR_UNAVAILABLE, "%s: %s", address->server.host, gai_strerror(status));
	for (const struct addrinfo *a = list; a != NULL && found.n < REDIS_ADDRESS_TRIES;
	     a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, found.text[found.n],
			sizeof(found.text[0]), NULL, 0, NI_NUMERICHOST) == 0)
			found.n++;
	}
	freeaddrinfo(list);
	(void)pthread_mutex_lock(&address->lock);
	address->numbers = found;
	(void)pthread_mutex_unlock(&address->lock);
	return 0;
}

struct redis_numbers
redis_address_numbers(struct redis_address *address)
{
	struct redis_numbers numbers;

	(void)pthread_mutex_lock(&address->lock);
	numbers = address->numbers;
	(void)pthread_mutex_unlock(&address->lock);
	return numbers;
}
