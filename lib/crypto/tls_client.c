/*
 * tls_client.c - see tls_client.h.
 */
#include "crypto/tls_client.h"

#include "base/net.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

struct tls_client {
	SSL_CTX *context;
};

/* Sets err to what could not be done, and OpenSSL's reason. */
static int
fail(struct err *err, const char *what, const char *file)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)err_set(err, ERR_INVALID, "%s%s%s: %s", what, file[0] != '\0' ? " " : "", file,
	    reason != NULL ? reason : "unknown error");
	ERR_clear_error();
	return -1;
}

static int
files_load(SSL_CTX *context, const char *ca, const char *cert, const char *key, struct err *err)
{
	if (ca[0] == '\0' && SSL_CTX_set_default_verify_paths(context) != 1)
		return fail(err, "the system's certificates", "");
	if (ca[0] != '\0' && SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
		return fail(err, "certificates in", ca);
	if (cert[0] == '\0')
		return 0;
	if (SSL_CTX_use_certificate_chain_file(context, cert) != 1)
		return fail(err, "certificate in", cert);
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return fail(err, "key in", key);
	return 0;
}

struct tls_client *
tls_client_new(const char *ca, const char *cert, const char *key, struct err *err)
{
	struct tls_client *client = calloc(1, sizeof(*client));

	ERR_clear_error();
	if (client != NULL)
		client->context = SSL_CTX_new(TLS_client_method());
	if (client == NULL || client->context == NULL ||
	    SSL_CTX_set_min_proto_version(client->context, TLS1_2_VERSION) != 1) {
		(void)err_set(err, ERR_NOMEM, "no memory for TLS");
	} else if (files_load(client->context, ca, cert, key, err) == 0) {
		SSL_CTX_set_verify(client->context, SSL_VERIFY_PEER, NULL);
		return client;
	}
	tls_client_free(client);
	return NULL;
}

void
tls_client_free(struct tls_client *client)
{
	if (client == NULL)
		return;
	SSL_CTX_free(client->context);
	free(client);
}

/* Wants the name in the certificate; names, not addresses, are also told to the server (RFC 6066
 * section 3). */
static int
name_set(SSL *session, const char *name)
{
	struct net_addr addr;

	if (net_addr_parse(slice_of(name), &addr) == 0)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name);
	SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(session, name) == 1 && SSL_set_tlsext_host_name(session, name) == 1;
}

struct ssl_st *
tls_session_new(struct tls_client *client, const char *name, struct err *err)
{
	SSL *session = SSL_new(client->context);

	if (session != NULL && name_set(session, name) == 1)
		return session;
	(void)fail(err, "TLS to", name);
	SSL_free(session);
	return NULL;
}

void
tls_session_free(struct ssl_st *session)
{
	SSL_free(session);
}

const char *
tls_session_refusal(const struct ssl_st *session)
{
	long result = SSL_get_verify_result(session);

	return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}
