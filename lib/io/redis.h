/*
 * redis.h - how to reach Redis: the section `redis` of milter.conf.
 *
 * What asks it is in store_redis.h (the mail path) and store_admin.h (an operator's tool).
 */
#ifndef IO_REDIS_H
#define IO_REDIS_H

#include "conf/conf.h"

struct redis_conf {
	const char *server;       /* "unix:PATH" or "tcp:HOST:PORT"; see redis_address.h */
	const char *user;         /* "": the default user */
	const char *password;     /* "": no AUTH */
	int64_t database;         /* SELECT, when not 0 */
	const char *prefix;       /* begins every key */
	int64_t timeout_ms;       /* all that one session waits: slot, connect and answer */
	int64_t connections;      /* at most, for the mail path */
	int64_t retry_ms;         /* between probes while Redis is down */
	int64_t queue_bytes;      /* of the queue of what need not be waited for */
	int64_t lists_refresh_ms; /* how old the lists may be */
	bool tls;
	const char *tls_ca;   /* file of certificates; "": the system's */
	const char *tls_cert; /* ours, with its key, or both "" */
	const char *tls_key;
	const char *tls_name; /* the server's; "": the host of `server` */
};

extern const struct conf_section redis_section;
extern const struct option redis_options[];

/* The longest prefix. */
#define REDIS_PREFIX_BYTES 32

#endif
