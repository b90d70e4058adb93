/*
 * accounts_link.c - the thread's two connections: opened, asked, kept alive.
 *
 * Every wait ends at once when the thread is to end, but for redis_conn_open(), which cannot be
 * interrupted; so the first attempts are short, and become longer where they are not long enough.
 */
#include "io/accounts_parts.h"

#include "io/redis_command.h"

#include <poll.h>

#define OPEN_FIRST_MS 150  /* to connect, at first */
#define OPEN_MAX_MS   2000 /* … and at most, whatever `timeout` says */
#define ANSWER_MS     5000 /* nobody waits for this but the thread: a busy Redis has its time */

static int
lost(struct redis_conn *conn, struct err *err, enum err_code code, const char *text)
{
	redis_conn_close(conn);
	return err_set(err, code, "%s", text);
}

/* Waits until something can be read. 0, or -1. */
static int
readable(struct accounts_port *p, struct redis_conn *conn, struct deadline until, struct err *err)
{
	struct pollfd fds[2] = {
	    {.fd = conn->context->fd, .events = POLLIN}, {.fd = p->stop_pipe[0], .events = POLLIN}};

	while (fds[0].revents == 0) {
		if (accounts_is_stopping(p))
			return lost(conn, err, ERR_UNAVAILABLE, "it is to end");
		if (deadline_passed(until))
			return lost(conn, err, ERR_TIMEOUT, "no answer from Redis in time");
		(void)poll(fds, 2, (int)((deadline_left_us(until) + 999) / 1000));
	}
	return 0;
}

long
accounts_more(struct redis_conn *conn, struct err *err)
{
	size_t before = conn->context->reader->len;

	if (redisBufferRead(conn->context) == REDIS_OK)
		return (long)(conn->context->reader->len - before);
	(void)err_set(err, ERR_IO, "connection to Redis lost: %s", conn->context->errstr);
	redis_conn_close(conn);
	return -1;
}

int
accounts_next(struct redis_conn *conn, redisReply **reply_r, struct err *err)
{
	void *reply = NULL;

	if (redisGetReplyFromReader(conn->context, &reply) != REDIS_OK) {
		(void)err_set(err, ERR_IO, "connection to Redis lost: %s", conn->context->errstr);
		redis_conn_close(conn);
		return -1;
	}
	*reply_r = reply;
	return 0;
}

int
accounts_receive(struct accounts_port *p, struct redis_conn *conn, size_t max_bytes,
    redisReply **reply_r, struct err *err)
{
	struct deadline until = deadline_in_ms(ANSWER_MS);
	size_t bytes = 0;

	for (;;) {
		long n;

		if (accounts_next(conn, reply_r, err) != 0)
			return -1;
		if (*reply_r != NULL)
			return 0;
		if (bytes > max_bytes)
			return lost(conn, err, ERR_LIMIT, "an answer of Redis is too long");
		if (readable(p, conn, until, err) != 0)
			return -1;
		n = accounts_more(conn, err);
		if (n < 0)
			return -1;
		bytes += (size_t)n;
	}
}

redisReply *
accounts_ask(struct accounts_port *p, struct redis_conn *conn, size_t max_bytes,
    const char *const *words, struct err *err)
{
	char storage[512];
	struct buf command = BUF_OVER(storage);
	redisReply *reply = NULL;

	redis_command_add(&command, words);
	if (redis_conn_send(conn, buf_slice(&command), deadline_in_ms(ANSWER_MS), err) != 0 ||
	    accounts_receive(p, conn, max_bytes, &reply, err) != 0)
		return NULL;
	return reply;
}

/* --- opening --- */

int
accounts_conn_open(struct accounts_port *p, struct redis_conn *conn, struct err *err)
{
	struct accounts_link *link = &p->link;
	int64_t max_ms = link->target.conf.timeout_ms;

	max_ms = max_ms < OPEN_MAX_MS ? max_ms : OPEN_MAX_MS;
	if (link->open_ms < OPEN_FIRST_MS)
		link->open_ms = OPEN_FIRST_MS;
	if (link->open_ms > max_ms)
		link->open_ms = max_ms;
	if (redis_conn_open(conn, &link->target, deadline_in_ms(link->open_ms), err) == 0)
		return 0;
	if (err->code == ERR_TIMEOUT)
		link->open_ms *= 2;
	return -1;
}

int
accounts_link_open(struct accounts_port *p, struct err *err)
{
	struct accounts_link *link = &p->link;

	if (link->failed)
		(void)redis_address_resolve(&link->target.address, NULL);
	link->failed = accounts_conn_open(p, &link->data, err) != 0;
	return link->failed ? -1 : accounts_track(p, err);
}

void
accounts_link_close(struct accounts_port *p)
{
	redis_conn_close(&p->link.data);
	accounts_track_close(p);
}
