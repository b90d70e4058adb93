/*
 * redis_open.c - opening a connection: redis_conn_open() and redis_conn_load() of redis_conn.h.
 */
#include "io/redis_conn.h"

#include "io/grey_lua.h"
#include "io/hit_lua.h"
#include "io/redis_command.h"
#include "io/send_lua.h"

#include <errno.h>
#include <fcntl.h>

/* What is said first on a connection; its answers come in the same order. */
struct greeting {
	struct buf out;
	unsigned answers; /* that must be no errors, before those to the scripts */
	char storage[sizeof(grey_lua) + sizeof(send_lua) + sizeof(hit_lua) + 1024];
};

static void
script_load(struct greeting *g, struct slice script)
{
	redis_command_begin(&g->out, 3);
	redis_command_text(&g->out, "SCRIPT");
	redis_command_text(&g->out, "LOAD");
	redis_command_word(&g->out, script);
}

static void
greeting_begin(struct greeting *g)
{
	buf_init(&g->out, g->storage, sizeof(g->storage));
	g->answers = 0;
}

static void
login_add(struct greeting *g, const struct redis_conf *conf)
{
	if (conf->password[0] != '\0') {
		redis_command_begin(&g->out, conf->user[0] != '\0' ? 3 : 2);
		redis_command_text(&g->out, "AUTH");
		if (conf->user[0] != '\0')
			redis_command_text(&g->out, conf->user);
		redis_command_text(&g->out, conf->password);
		g->answers++;
	}
	if (conf->database != 0) {
		redis_command_begin(&g->out, 2);
		redis_command_text(&g->out, "SELECT");
		redis_command_number(&g->out, conf->database);
		g->answers++;
	}
}

static void
scripts_add(struct greeting *g)
{
	/* the writer calls it by its digest (redis_hit.c), which is no news to it */
	script_load(g, slice_make(hit_lua, sizeof(hit_lua) - 1));
	g->answers++;
	script_load(g, slice_make(grey_lua, sizeof(grey_lua) - 1));
	script_load(g, slice_make(send_lua, sizeof(send_lua) - 1));
}

/* Reads one answer that must be no error; when sha_r is not NULL, it is a script's digest. */
static int
answer_check(
    struct redis_conn *conn, char sha_r[REDIS_SHA_BYTES], struct deadline until, struct err *err)
{
	redisReply *reply;
	int status;

	if (redis_conn_receive(conn, &reply, until, err) != 0)
		return -1;
	status = redis_reply_check(reply, err);
	if (status == 0 && sha_r != NULL) {
		if (reply->type == REDIS_REPLY_STRING && reply->len < REDIS_SHA_BYTES)
			memcpy(sha_r, reply->str, reply->len + 1);
		else
			status = err_set(err, ERR_UNAVAILABLE, "Redis: no answer to SCRIPT LOAD");
	}
	freeReplyObject(reply);
	return status;
}

/* Whatever is refused here is refused for all connections. */
static int
greeting_check(
    struct redis_conn *conn, const struct greeting *g, struct deadline until, struct err *err)
{
	for (unsigned i = 0; i < g->answers; i++) {
		if (answer_check(conn, NULL, until, err) != 0)
			return -1;
	}
	if (answer_check(conn, conn->grey_sha, until, err) != 0)
		return -1;
	return answer_check(conn, conn->send_sha, until, err);
}

static int
greeting_say(
    struct redis_conn *conn, const struct greeting *g, struct deadline until, struct err *err)
{
	if (redis_conn_send(conn, buf_slice(&g->out), until, err) != 0)
		return -1;
	return greeting_check(conn, g, until, err);
}

static int
greet(struct redis_conn *conn, struct redis_target *target, struct deadline until, struct err *err)
{
	struct greeting g;

	greeting_begin(&g);
	login_add(&g, &target->conf);
	scripts_add(&g);
	return greeting_say(conn, &g, until, err);
}

int
redis_conn_load(struct redis_conn *conn, struct deadline until, struct err *err)
{
	struct greeting g;

	greeting_begin(&g);
	scripts_add(&g);
	if (greeting_say(conn, &g, until, err) == 0)
		return 0;
	redis_conn_close(conn); /* answers may be left on it */
	return -1;
}

/* A context that is connected, or NULL with the reason. Call with what connect left in errno. */
static redisContext *
context_check(redisContext *context, const struct redis_target *target, struct err *err)
{
	/* a session that waited for its connection may have had little time left for this: that
	 * alone does not say that Redis is down */
	enum err_code code = errno == ETIMEDOUT ? ERR_TIMEOUT : ERR_UNAVAILABLE;

	if (context == NULL) {
		(void)err_set(err, ERR_UNAVAILABLE, "cannot connect to Redis: no memory");
	} else if (context->err != 0) {
		(void)err_set(err, code, "cannot connect to Redis at %s: %s", target->conf.server,
		    context->errstr);
		redisFree(context);
		context = NULL;
	}
	return context;
}

/* Tries the addresses one after the other, each with its share of the time that is left. */
static redisContext *
connect_tcp(struct redis_target *target, struct deadline until, struct err *err)
{
	struct redis_numbers numbers = redis_address_numbers(&target->address);
	redisContext *context = NULL;

	(void)err_set(err, ERR_UNAVAILABLE, "cannot connect to Redis: the address of %s is unknown",
	    target->address.server.host);
	for (unsigned i = 0; i < numbers.n && context == NULL; i++) {
		int64_t share = deadline_left_us(until) / (int64_t)(numbers.n - i);

		errno = 0;
		context = context_check(redisConnectWithTimeout(numbers.text[i],
					    target->address.server.port, deadline_timeval(share)),
		    target, err);
	}
	return context;
}

static redisContext *
connect_any(struct redis_target *target, struct deadline until, struct err *err)
{
	const struct redis_server *server = &target->address.server;
	redisContext *context;

	errno = 0;
	if (server->path[0] == '\0')
		context = connect_tcp(target, until, err);
	else
		context = context_check(redisConnectUnixWithTimeout(server->path,
					    deadline_timeval(deadline_left_us(until))),
		    target, err);
	if (context == NULL)
		return NULL;
	(void)fcntl(context->fd, F_SETFD, FD_CLOEXEC);
	if (server->path[0] == '\0')
		(void)redisEnableKeepAlive(context);
	return context;
}

int
redis_conn_open(
    struct redis_conn *conn, struct redis_target *target, struct deadline until, struct err *err)
{
	struct err why;

	conn->context = connect_any(target, until, err);
	if (conn->context == NULL)
		return -1;
	conn->timeout_us = deadline_left_us(until) + 1; /* for the socket, 0 would be for ever */
	(void)redisSetTimeout(conn->context, deadline_timeval(conn->timeout_us));
	if (target->tls != NULL && redis_tls_start(target->tls, conn->context, err) != 0) {
		redis_conn_close(conn);
		return -1;
	}
	if (greet(conn, target, until, &why) != 0) {
		redis_conn_close(conn);
		return err_set(
		    err, why.code == ERR_TIMEOUT ? ERR_TIMEOUT : ERR_UNAVAILABLE, "%s", why.text);
	}
	return 0;
}
