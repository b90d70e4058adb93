/*
 * redis_tls.h - TLS to Redis, when hiredis can do it.
 *
 * One of two files is built: redis_tls.c with hiredis_ssl (hiredis 1.0 and later), or
 * redis_notls.c, where everything here fails and says why.
 */
#ifndef IO_REDIS_TLS_H
#define IO_REDIS_TLS_H

#include "io/redis.h"

struct redisContext;
struct redis_tls; /* certificates and keys, loaded once; shared by threads */

/* 0 when this build can do TLS, or -1 with what is missing. */
int redis_tls_check(struct err *err);

/* Loads what conf names; host: the server's, from `server`. NULL with the reason when it cannot be
 * read, does not fit together, or this build has no TLS. */
struct redis_tls *redis_tls_new(const struct redis_conf *conf, const char *host, struct err *err);
void redis_tls_free(struct redis_tls *tls);

/* The handshake on a connected context, within its time-outs: the server's certificate must be
 * vouched for, and carry the name. 0, or -1 with OpenSSL's words. */
int redis_tls_start(struct redis_tls *tls, struct redisContext *context, struct err *err);

#endif
