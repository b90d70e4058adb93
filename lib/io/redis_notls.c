/*
 * redis_notls.c - see redis_tls.h: for a hiredis without hiredis_ssl.
 */
#include "io/redis_tls.h"

int
redis_tls_check(struct err *err)
{
	return err_set(err, ERR_INVALID,
	    "tls = yes: this gatepost was built with a hiredis that has no TLS (hiredis_ssl, "
	    "1.0 or later); use a unix socket, or a tunnel such as stunnel");
}

struct redis_tls *
redis_tls_new(const struct redis_conf *conf, const char *host, struct err *err)
{
	(void)conf;
	(void)host;
	(void)redis_tls_check(err);
	return NULL;
}

void
redis_tls_free(struct redis_tls *tls)
{
	(void)tls;
}

int
redis_tls_start(struct redis_tls *tls, struct redisContext *context, struct err *err)
{
	(void)tls;
	(void)context;
	return redis_tls_check(err);
}
