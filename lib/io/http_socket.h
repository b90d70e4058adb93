/*
 * http_socket.h - sockets that a web server listens on: "127.0.0.1:8080", "[::1]:8080", "*:8080" (all
 * addresses, IPv6 and IPv4), "unix:/run/gatepost/web.sock".
 */
#ifndef IO_HTTP_SOCKET_H
#define IO_HTTP_SOCKET_H

#include "base/err.h"
#include "base/net.h"

#include <stdbool.h>
#include <sys/types.h>

/* 0, or -1 with what is wrong. */
int http_socket_check(struct slice spec, struct err *err);

/* Those whose port several sockets can share, between which the kernel spreads connections. */
bool http_socket_is_shared(struct slice spec);

/* Opens it, not blocking, where nobody else is; "*" on a host without IPv6 for IPv4 alone. A unix socket
 * that nobody serves any more is replaced, and gets that mode.
 * The descriptor, or -1: ERR_UNAVAILABLE (somebody is there already), ERR_DENIED, ERR_IO. */
int http_socket_open(const char *spec, mode_t mode, struct err *err);

/* One more at the place of `first`, which http_socket_open() opened and which can be shared. The
 * descriptor, or -1 in the same way. */
int http_socket_add(const char *spec, int first, struct err *err);

/* Who is at the other end of a connection: true for a unix socket, else *peer_r; NET_NONE: there is no
 * telling. */
bool http_socket_peer(int fd, struct net_addr *peer_r);

/* Ends it; a unix socket's name goes, too. */
void http_socket_close(const char *spec, int fd);

#endif
