/*
 * test_http_socket.c - sockets that a web server listens on, also where there is no IPv6.
 */
#define _GNU_SOURCE /* syscall() */
#include "io/http_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static bool has_ipv6 = true;

/* The kernel's, but for a host that has no IPv6. */
int
socket(int domain, int type, int protocol)
{
	if (domain == AF_INET6 && !has_ipv6) {
		errno = EAFNOSUPPORT;
		return -1;
	}
	return (int)syscall(SYS_socket, domain, type, protocol);
}

static void
test_check(void **state)
{
	static const struct {
		const char *spec;
		bool good;
	} rows[] = {
	    {"127.0.0.1:8080", true},
	    {"[::1]:8080", true},
	    {"*:8080", true},
	    {"unix:/run/x.sock", true},
	    {"*", false},
	    {"*:0", false},
	    {"*:65536", false},
	    {"::1:8080", false},
	    {"unix:x", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err;

		if ((http_socket_check(slice_of(rows[i].spec), &err) == 0) != rows[i].good)
			fail_msg("%s", rows[i].spec);
	}
}

/* A port that is free for both, most likely. */
static unsigned
port_find(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	assert_int_equal(close(fd), 0);
	return ntohs(in.sin_port);
}

static bool
answers(int family, unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
	    .sin6_port = htons((uint16_t)port),
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = (int)syscall(SYS_socket, family, SOCK_STREAM, 0);
	int status = family == AF_INET ? connect(fd, (struct sockaddr *)&in, sizeof(in))
				       : connect(fd, (struct sockaddr *)&in6, sizeof(in6));

	(void)close(fd);
	return status == 0;
}

static void
test_any(void **state)
{
	char spec[16];
	unsigned port = port_find();
	struct err err;
	int fd;

	(void)state;
	(void)snprintf(spec, sizeof(spec), "*:%u", port);
	fd = http_socket_open(spec, 0, &err);
	assert_true(fd >= 0);
	assert_true(answers(AF_INET, port));
	assert_true(answers(AF_INET6, port));
	http_socket_close(spec, fd);
	has_ipv6 = false;
	fd = http_socket_open(spec, 0, &err);
	assert_true(fd >= 0);
	assert_true(answers(AF_INET, port));
	assert_false(answers(AF_INET6, port));
	http_socket_close(spec, fd);
	fd = http_socket_open("[::1]:8080", 0, &err); /* which was asked for by name */
	assert_int_equal(fd, -1);
	has_ipv6 = true;
}

/* Does one of n connections come to that socket? */
static bool
gets_some(int fd, unsigned port, int n)
{
	bool got = false;

	for (int i = 0; i < n && !got; i++) {
		int server;

		assert_true(answers(AF_INET, port));
		server = accept(fd, NULL, NULL);
		got = server >= 0;
		if (got)
			(void)close(server);
	}
	return got;
}

/* A second process gets no share of a port: not even of one that the first one's sockets share. */
static void
test_taken(void **state)
{
	char spec[24];
	unsigned port = port_find();
	struct err err;
	int first, second;

	(void)state;
	(void)snprintf(spec, sizeof(spec), "127.0.0.1:%u", port);
	first = http_socket_open(spec, 0, &err);
	assert_true(first >= 0);
	assert_int_equal(http_socket_open(spec, 0, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	second = http_socket_add(spec, first, &err);
	assert_true(second >= 0);
	assert_int_equal(http_socket_open(spec, 0, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	/* the kernel spreads connections over both */
	assert_true(gets_some(first, port, 200));
	assert_true(gets_some(second, port, 200));
	http_socket_close(spec, first);
	assert_int_equal(http_socket_open(spec, 0, &err), -1);
	http_socket_close(spec, second);
	first = http_socket_open(spec, 0, &err);
	assert_true(first >= 0);
	http_socket_close(spec, first);
}

static void
test_peer(void **state)
{
	char text[NET_ADDR_TEXT_BYTES];
	struct buf out = BUF_OVER(text);
	struct net_addr peer;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_true(http_socket_peer(pair[0], &peer));
	assert_int_equal(peer.family, NET_NONE);
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert_false(http_socket_peer(pair[0], &peer)); /* nobody knows who: no proxy */
	assert_int_equal(peer.family, NET_NONE);
	net_addr_format(&out, &peer);
	assert_int_equal(out.n, 0);
}

/* By which family somebody came does not show in his address. */
static void
test_peer_mapped(void **state)
{
	char spec[16], text[NET_ADDR_TEXT_BYTES];
	struct buf out = BUF_OVER(text);
	unsigned port = port_find();
	struct sockaddr_in in = {.sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int client = socket(AF_INET, SOCK_STREAM, 0), server, fd;
	struct net_addr peer;
	struct err err;

	(void)state;
	(void)snprintf(spec, sizeof(spec), "*:%u", port);
	fd = http_socket_open(spec, 0, &err);
	assert_int_equal(connect(client, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(write(client, "x", 1), 1); /* the kernel waits for it (TCP_DEFER_ACCEPT) */
	while ((server = accept(fd, NULL, NULL)) < 0 && errno == EAGAIN)
		(void)sched_yield();
	assert_true(server >= 0);
	assert_false(http_socket_peer(server, &peer));
	net_addr_format(&out, &peer);
	assert_string_equal(buf_text(&out), "127.0.0.1");
	(void)close(server);
	(void)close(client);
	http_socket_close(spec, fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_check),
	    cmocka_unit_test(test_any),
	    cmocka_unit_test(test_taken),
	    cmocka_unit_test(test_peer),
	    cmocka_unit_test(test_peer_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
