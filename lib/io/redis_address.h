/*
 * redis_address.h - where Redis listens: "unix:/run/redis/redis-server.sock",
 * "tcp:127.0.0.1:6379", "tcp:[2001:db8::1]:6379", "tcp:redis.example.com:6379".
 *
 * A name is resolved by whoever may wait for DNS (at start, and by the probes while Redis is
 * down), never by a session: sessions connect to the numbers that were found last.
 */
#ifndef IO_REDIS_ADDRESS_H
#define IO_REDIS_ADDRESS_H

#include "base/err.h"
#include "base/net.h"

#include <pthread.h>

#define REDIS_PATH_BYTES    108 /* sun_path of Linux; with its NUL */
#define REDIS_HOST_BYTES    256
#define REDIS_ADDRESS_TRIES 4 /* addresses of one name that are tried */

/* The text taken apart. */
struct redis_server {
	char path[REDIS_PATH_BYTES]; /* "" for TCP */
	char host[REDIS_HOST_BYTES]; /* "" for a unix socket */
	int port;
};

/* The numbers that a name stands for. */
struct redis_numbers {
	char text[REDIS_ADDRESS_TRIES][NET_ADDR_TEXT_BYTES];
	unsigned n;
};

struct redis_address {
	struct redis_server server; /* never changes */
	pthread_mutex_t lock;
	struct redis_numbers numbers; /* under the lock */
};

/* 0, or -1 with what is wrong and what is allowed. */
int redis_server_parse(const char *text, struct redis_server *server_r, struct err *err);

/* For the option's row. */
int redis_server_check(const char *text, struct err *err);

/* Parses, and resolves when the host is a number. 0, or -1 as redis_server_parse(). */
int redis_address_init(struct redis_address *address, const char *text, struct err *err);
void redis_address_fini(struct redis_address *address);

/* Asks the system's resolver, unless there is no name to ask for; may wait as long as that does.
 * 0, or -1 (ERR_UNAVAILABLE) with the resolver's words; the numbers found before are kept. */
int redis_address_resolve(struct redis_address *address, struct err *err);

/* A copy of the numbers known now; n = 0 for a unix socket, or a name not resolved yet. */
struct redis_numbers redis_address_numbers(struct redis_address *address);

#endif
