/*
 * tls_server.c - see tls_server.h.
 */
#include "crypto/tls_server.h"

#include "base/slice.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls_server {
	SSL_CTX *context;
};

static int
fail(struct err *err, const char *what, const char *file)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)err_set(
	    err, ERR_INVALID, "%s %s: %s", what, file, reason != NULL ? reason : "unknown error");
	ERR_clear_error();
	return -1;
}

/* RFC 7301: whoever offers HTTP/2 as well is told what he gets. */
static int
protocol_choose(SSL *session, const unsigned char **chosen, unsigned char *chosen_n,
    const unsigned char *offered, unsigned offered_n, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found;

	(void)session;
	(void)arg;
	if (SSL_select_next_proto(&found, chosen_n, ours, sizeof(ours) - 1, offered, offered_n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*chosen = found;
	return SSL_TLSEXT_ERR_OK;
}

static int
files_load(SSL_CTX *context, const char *cert, const char *key, struct err *err)
{
	if (SSL_CTX_use_certificate_chain_file(context, cert) != 1)
		return fail(err, "certificate in", cert);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return fail(err, "key in", key);
	return 0;
}

struct tls_server *
tls_server_new(const char *cert, const char *key, struct err *err)
{
	struct tls_server *server = calloc(1, sizeof(*server));

	ERR_clear_error();
	if (server != NULL)
		server->context = SSL_CTX_new(TLS_server_method());
	if (server == NULL || server->context == NULL ||
	    SSL_CTX_set_min_proto_version(server->context, TLS1_2_VERSION) != 1) {
		(void)err_set(err, ERR_NOMEM, "no memory for TLS");
	} else if (files_load(server->context, cert, key, err) == 0) {
		(void)SSL_CTX_set_options(server->context, SSL_OP_NO_RENEGOTIATION |
							       SSL_OP_NO_COMPRESSION |
							       SSL_OP_CIPHER_SERVER_PREFERENCE);
		(void)SSL_CTX_set_mode(server->context, SSL_MODE_RELEASE_BUFFERS);
		SSL_CTX_set_alpn_select_cb(server->context, protocol_choose, NULL);
		return server;
	}
	tls_server_free(server);
	return NULL;
}

struct ssl_st *
tls_server_session(struct tls_server *server)
{
	return SSL_new(server->context);
}

void
tls_server_session_free(struct ssl_st *session)
{
	SSL_free(session);
}

void
tls_server_free(struct tls_server *server)
{
	if (server == NULL)
		return;
	SSL_CTX_free(server->context);
	free(server);
}
