/*
 * tls_server.h - TLS for clients who connect to us: a certificate and its key, read once.
 */
#ifndef CRYPTO_TLS_SERVER_H
#define CRYPTO_TLS_SERVER_H

#include "base/err.h"

struct ssl_st; /* OpenSSL's SSL */
struct tls_server;

/* cert: a PEM file with the chain; key: a PEM file. TLS 1.2 and newer; HTTP/1.1 is what it speaks.
 * NULL with the reason (ERR_INVALID, ERR_NOMEM). Any number of threads may then use it. */
struct tls_server *tls_server_new(const char *cert, const char *key, struct err *err);

/* A session for one connection, for libevent to free, or for tls_server_session_free(); it keeps what it
 * needs of the server. NULL: no memory. */
struct ssl_st *tls_server_session(struct tls_server *server);
void tls_server_session_free(struct ssl_st *session); /* NULL is allowed */

void tls_server_free(struct tls_server *server); /* NULL is allowed */

#endif
