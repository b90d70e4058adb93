/*
 * tls_client.h - the client's side of TLS: who is trusted, who we are, and whom we want to meet.
 *
 * Built only where something speaks TLS (a Redis behind hiredis_ssl). The certificates are loaded
 * once; sessions may be made from any thread.
 */
#ifndef CRYPTO_TLS_CLIENT_H
#define CRYPTO_TLS_CLIENT_H

#include "base/err.h"

struct ssl_st; /* OpenSSL's SSL */
struct tls_client;

/* ca: a file of certificates, "" for the system's. cert and key: files in PEM, or both "". TLS 1.2
 * or later. NULL with the file and OpenSSL's words. */
struct tls_client *tls_client_new(
    const char *ca, const char *cert, const char *key, struct err *err);
void tls_client_free(struct tls_client *client);

/* A session whose handshake fails unless the server's certificate is vouched for and carries the
 * name, a DNS name or an IP address. For tls_session_free(), or for who takes it over. NULL with
 * the reason. */
struct ssl_st *tls_session_new(struct tls_client *client, const char *name, struct err *err);
void tls_session_free(struct ssl_st *session);

/* Why the server's certificate was refused ("self-signed certificate", "hostname mismatch"), or
 * NULL when it was not. The pointer is static. */
const char *tls_session_refusal(const struct ssl_st *session);

#endif
