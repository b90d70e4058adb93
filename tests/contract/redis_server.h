/*
 * redis_server.h - a redis-server of the test's own, on a unix socket in a directory of its own.
 */
#ifndef CONTRACT_REDIS_SERVER_H
#define CONTRACT_REDIS_SERVER_H

#include "io/redis.h"

#include <hiredis/hiredis.h>
#include <stdint.h>
#include <sys/types.h>

#define SERVER_PATH_BYTES 100

struct test_server {
	char directory[SERVER_PATH_BYTES - 16];
	char socket[SERVER_PATH_BYTES];
	char url[SERVER_PATH_BYTES + 8]; /* "unix:SOCKET" */
	char clock[SERVER_PATH_BYTES];   /* the file that frozen_clock.so reads */
	volatile int64_t *frozen_s;      /* mapped from it; [1] is microseconds */
	const char *password;            /* that server_ask() says; NULL: none */
	pid_t pid;
};

/* Makes the directory. Anything that fails here ends the test program with a word. */
void server_init(struct test_server *server);

/* Kills the server if it runs, and removes the directory. */
void server_fini(struct test_server *server);

/* Starts it with further arguments (ends in NULL; may be NULL) and waits until it answers. */
void server_start(struct test_server *server, const char *const *more);

/* SIGKILL, and waits for its end. */
void server_kill(struct test_server *server);

/* Asks as redis-cli would; an error answer or none fails the test. For freeReplyObject(). */
redisReply *server_ask(struct test_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for an answer that does not matter, and for an integer. */
void server_do(struct test_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
long long server_number(struct test_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The defaults of the section, with this server; texts live in the arena. */
struct redis_conf server_conf(const struct test_server *server, struct arena *a);

void sleep_ms(int ms);

#endif
