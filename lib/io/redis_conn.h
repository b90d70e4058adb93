/*
 * redis_conn.h - one connection to Redis. For one thread at a time.
 *
 * Functions return 0, or -1 with the reason, after which redis_conn_is_open() tells what became of
 * the connection: whatever left it in doubt (no answer, closed, garbage) has closed it.
 * The code of the error says what it means for others:
 *	ERR_UNAVAILABLE  Redis cannot be reached, or refuses to work (with its own words)
 *	ERR_TIMEOUT      no answer within the deadline
 *	ERR_IO           this connection was lost, or this one command was not liked
 * Writing to a connection that the server closed raises SIGPIPE: the program must ignore that.
 */
#ifndef IO_REDIS_CONN_H
#define IO_REDIS_CONN_H

#include "io/deadline.h"
#include "io/redis_target.h"

#include <hiredis/hiredis.h>

#define REDIS_SHA_BYTES 41 /* 40 hex digits and a NUL */

struct redis_conn {
	redisContext *context; /* NULL: closed */
	int64_t timeout_us;    /* what the socket waits at most, as it is set now */
	unsigned epoch;        /* for the pool */
	/* of the scripts, as this server knows them */
	char grey_sha[REDIS_SHA_BYTES];
	char send_sha[REDIS_SHA_BYTES];
};

/* Connects, authenticates, selects the database, loads the scripts. All failures but ERR_TIMEOUT's
 * are ERR_UNAVAILABLE. The connection must be closed before. */
int redis_conn_open(
    struct redis_conn *conn, struct redis_target *target, struct deadline until, struct err *err);

void redis_conn_close(struct redis_conn *conn);

/* Loads the scripts anew, where the server has lost them; when that fails the connection is closed. */
int redis_conn_load(struct redis_conn *conn, struct deadline until, struct err *err);

static inline bool
redis_conn_is_open(const struct redis_conn *conn)
{
	return conn->context != NULL;
}

/* Writes whole commands. */
int redis_conn_send(
    struct redis_conn *conn, struct slice commands, struct deadline until, struct err *err);

/* Reads the next answer, for freeReplyObject(). An error that Redis answered is an answer here:
 * see redis_reply_check(). */
int redis_conn_receive(
    struct redis_conn *conn, redisReply **reply_r, struct deadline until, struct err *err);

/* The same for who can come back later: 1 with the answer, or 0 when the deadline passed, which
 * does no harm to the connection; -1 when that is lost. */
int redis_conn_poll(
    struct redis_conn *conn, redisReply **reply_r, struct deadline until, struct err *err);

/* send and receive of one command: the answer, or NULL with the reason, also when Redis answered
 * an error. */
redisReply *redis_conn_ask(
    struct redis_conn *conn, struct slice command, struct deadline until, struct err *err);

/* 0, or -1 when the answer is an error: ERR_UNAVAILABLE when it means that this server does not
 * work for us at all (NOAUTH, READONLY, OOM, LOADING, …), else ERR_IO. */
int redis_reply_check(const redisReply *reply, struct err *err);

/* True for the error that says that the script must be sent again. */
bool redis_reply_is_noscript(const redisReply *reply);

/* The bytes of a string answer; empty for any other. */
struct slice redis_reply_text(const redisReply *reply);

/* Takes a decimal number (of 18 digits at most), and the blank behind it, off the front of the text
 * that a script answered. 0, or -1 when there is none. */
int redis_number_next(struct slice *text, int64_t *number_r);

#endif
