/*
 * redis_conn.c - see redis_conn.h.
 */
#include "io/redis_conn.h"

#include <errno.h>
#include <poll.h>

/* How much longer than the deadline a socket may wait before its time-out is set anew: two system
 * calls that a session which had no need to wait for its connection does without. */
#define TIMEOUT_SLACK_US 5000

void
redis_conn_close(struct redis_conn *conn)
{
	if (conn->context != NULL)
		redisFree(conn->context);
	conn->context = NULL;
}

/* Closes after an error of hiredis, and says why. A read or write that waited for its time-out
 * fails with EAGAIN. */
static int
conn_lost(struct redis_conn *conn, struct err *err)
{
	redisContext *context = conn->context;
	bool timeout = context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);

	if (timeout)
		(void)err_set(err, ERR_TIMEOUT, "no answer from Redis in time");
	else
		(void)err_set(err, ERR_IO, "connection to Redis lost: %s", context->errstr);
	redis_conn_close(conn);
	return -1;
}

/* Makes the socket wait no longer than until the deadline. -1 when that has passed. */
static int
conn_set_timeout(struct redis_conn *conn, struct deadline until, struct err *err)
{
	int64_t left = deadline_left_us(until);

	if (left == 0) {
		redis_conn_close(conn);
		(void)err_set(err, ERR_TIMEOUT, "no answer from Redis in time");
		return -1;
	}
	if (left <= conn->timeout_us && conn->timeout_us <= left + TIMEOUT_SLACK_US)
		return 0;
	if (redisSetTimeout(conn->context, deadline_timeval(left)) != REDIS_OK)
		return conn_lost(conn, err);
	conn->timeout_us = left;
	return 0;
}

int
redis_conn_send(
    struct redis_conn *conn, struct slice commands, struct deadline until, struct err *err)
{
	int done = 0;

	if (redisAppendFormattedCommand(conn->context, commands.p, commands.n) != REDIS_OK)
		return conn_lost(conn, err);
	while (!done) {
		if (conn_set_timeout(conn, until, err) != 0)
			return -1;
		errno = 0;
		if (redisBufferWrite(conn->context, &done) != REDIS_OK)
			return conn_lost(conn, err);
	}
	return 0;
}

int
redis_conn_receive(
    struct redis_conn *conn, redisReply **reply_r, struct deadline until, struct err *err)
{
	void *reply = NULL;

	for (;;) {
		errno = 0;
		if (redisGetReplyFromReader(conn->context, &reply) != REDIS_OK)
			return conn_lost(conn, err);
		if (reply != NULL)
			break;
		if (conn_set_timeout(conn, until, err) != 0)
			return -1;
		errno = 0;
		if (redisBufferRead(conn->context) != REDIS_OK)
			return conn_lost(conn, err);
	}
	*reply_r = reply;
	return 0;
}

int
redis_conn_poll(
    struct redis_conn *conn, redisReply **reply_r, struct deadline until, struct err *err)
{
	void *reply = NULL;

	for (;;) {
		struct pollfd pfd = {.fd = conn->context->fd, .events = POLLIN};
		/* rounded up: the last fraction of a millisecond is not for a busy loop */
		int wait_ms = (int)((deadline_left_us(until) + 999) / 1000);

		if (redisGetReplyFromReader(conn->context, &reply) != REDIS_OK)
			return conn_lost(conn, err);
		if (reply != NULL)
			break;
		if (poll(&pfd, 1, wait_ms) <= 0) {
			if (deadline_passed(until))
				return 0;
			continue;
		}
		errno = 0;
		if (redisBufferRead(conn->context) != REDIS_OK)
			return conn_lost(conn, err);
	}
	*reply_r = reply;
	return 1;
}

redisReply *
redis_conn_ask(
    struct redis_conn *conn, struct slice command, struct deadline until, struct err *err)
{
	redisReply *reply;

	if (redis_conn_send(conn, command, until, err) != 0 ||
	    redis_conn_receive(conn, &reply, until, err) != 0)
		return NULL;
	if (redis_reply_check(reply, err) == 0)
		return reply;
	freeReplyObject(reply);
	return NULL;
}
