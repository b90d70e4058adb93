/*
 * redis_tls.c - see redis_tls.h: with hiredis_ssl.
 *
 * hiredis would make the session itself, but before its newest versions it does not look at the
 * name in the certificate; so it is given one that does.
 */
#include "io/redis_tls.h"

#include "crypto/tls_client.h"
#include "io/access.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <stdlib.h>

#define NAME_BYTES 256

struct redis_tls {
	struct tls_client *client;
	char name[NAME_BYTES]; /* that the certificate must carry */
};

int
redis_tls_check(struct err *err)
{
	(void)err;
	return 0;
}

/* OpenSSL has no words for files that may not be read: 0, or -1 with ours. */
static int
files_check(const struct redis_conf *conf, struct err *err)
{
	const char *const paths[] = {conf->tls_ca, conf->tls_cert, conf->tls_key};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i][0] != '\0' && access_is_denied(paths[i], ACCESS_READ))
			return access_denied(paths[i], ACCESS_READ, err);
	}
	return 0;
}

struct redis_tls *
redis_tls_new(const struct redis_conf *conf, const char *host, struct err *err)
{
	struct redis_tls *tls;
	struct buf name;

	if (files_check(conf, err) != 0)
		return NULL;
	tls = calloc(1, sizeof(*tls));
	if (tls == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory for TLS");
		return NULL;
	}
	buf_init(&name, tls->name, sizeof(tls->name));
	buf_add_text(&name, conf->tls_name[0] != '\0' ? conf->tls_name : host);
	(void)buf_text(&name);
	tls->client = tls_client_new(conf->tls_ca, conf->tls_cert, conf->tls_key, err);
	if (tls->client != NULL)
		return tls;
	free(tls);
	return NULL;
}

void
redis_tls_free(struct redis_tls *tls)
{
	if (tls == NULL)
		return;
	tls_client_free(tls->client);
	free(tls);
}

int
redis_tls_start(struct redis_tls *tls, struct redisContext *context, struct err *err)
{
	struct ssl_st *session = tls_session_new(tls->client, tls->name, err);
	const char *refusal;
	enum err_code code;

	if (session == NULL) {
		if (err != NULL)
			err->code = ERR_UNAVAILABLE;
		return -1;
	}
	errno = 0;
	if (redisInitiateSSL(context, session) == REDIS_OK)
		return 0; /* the context owns the session now */
	code = errno == EAGAIN || errno == EWOULDBLOCK ? ERR_TIMEOUT : ERR_UNAVAILABLE;
	refusal = tls_session_refusal(session);
	(void)err_set(err, code, "TLS to Redis, %s: %s", tls->name,
	    refusal != NULL ? refusal : context->errstr);
	tls_session_free(session);
	return -1;
}
