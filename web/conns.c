/*
 * conns.c - see conns.h.
 *
 * evhttp tells of a connection twice: when it wants a bufferevent for it, and with each request. The
 * name by which it can be closed (evhttp_connection) is the argument of the callbacks that it
 * sets on that bufferevent as soon as it has it: so it is read from there, an event later. Until then we
 * hold a reference.
 */
#include "conns.h"

#include "crypto/tls_server.h"
#include "io/http_socket.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <sys/resource.h>

/* What a client may send ahead of being answered: a whole request, and the beginning of others. */
#define AHEAD_BYTES 32768

/* Beyond web.connections, until the next tick: fewer than the descriptors that are kept for other
 * things (OTHER_FDS in main.c). */
#define OWED_MAX 256

/* The longest method that anybody has registered, and more. */
#define METHOD_BYTES 24

/* --- lists --- */

static struct conn_list *
list_of(struct conns *conns, enum conn_state state)
{
	if (state == CONN_FRESH)
		return &conns->fresh;
	return state == CONN_BUSY ? &conns->busy : &conns->idle;
}

static void
idle_count(struct conns *conns, size_t n)
{
	atomic_store_explicit(&conns->nidle, n, memory_order_relaxed);
}

static size_t
idle_number(const struct conns *conns)
{
	return atomic_load_explicit(&conns->nidle, memory_order_relaxed);
}

static void
list_add(struct conn *c, enum conn_state state)
{
	struct conn_list *list = list_of(c->conns, state);

	c->state = state;
	c->since_ms = *c->conns->now_ms;
	c->before = list->last;
	c->behind = NULL;
	if (list->last != NULL)
		list->last->behind = c;
	else
		list->first = c;
	list->last = c;
	if (state == CONN_IDLE)
		idle_count(c->conns, idle_number(c->conns) + 1);
}

static void
list_remove(struct conn *c)
{
	struct conn_list *list = list_of(c->conns, c->state);

	if (c->before != NULL)
		c->before->behind = c->behind;
	else
		list->first = c->behind;
	if (c->behind != NULL)
		c->behind->before = c->before;
	else
		list->last = c->before;
	if (c->state == CONN_IDLE)
		idle_count(c->conns, idle_number(c->conns) - 1);
}

static void
conn_move(struct conn *c, enum conn_state state)
{
	list_remove(c);
	list_add(c, state);
}

static void
conn_free(struct conn *c)
{
	list_remove(c);
	c->conns->n--;
	(void)atomic_fetch_sub(&c->conns->crowd->n, 1);
	meter_set(&c->conns->meters->connections, c->conns->n);
	free(c);
}

/* --- what libevent tells --- */

/* A method of which evhttp knows nothing is answered by it with a code that there is not. We have none
 * of those: so it becomes one that evhttp knows, and we answer. Only where a request begins, and
 * its method came in one piece. */
static void
method_mend(struct evbuffer *input)
{
	static const struct slice known[] = {SLICE_LIT("GET "), SLICE_LIT("POST "),
	    SLICE_LIT("HEAD "), SLICE_LIT("PUT "), SLICE_LIT("DELETE "), SLICE_LIT("OPTIONS "),
	    SLICE_LIT("TRACE "), SLICE_LIT("PATCH ")};
	char storage[METHOD_BYTES];
	ev_ssize_t n = evbuffer_copyout(input, storage, sizeof(storage));
	struct slice begin = slice_make(storage, n > 0 ? (size_t)n : 0);
	size_t method = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (slice_starts(begin, known[i]))
			return;
	}
	while (method < begin.n && begin.p[method] > ' ' && begin.p[method] <= '~')
		method++;
	if (method == 0 || method == begin.n || begin.p[method] != ' ')
		return;
	(void)evbuffer_drain(input, method);
	(void)evbuffer_prepend(input, "DELETE", 6);
}

/* The first byte of a request. */
static void
on_input(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct conn *c = arg;

	if (info->n_added == 0 || c->begun)
		return;
	c->begun = true;
	if (c->state == CONN_IDLE)
		conn_move(c, CONN_BUSY);
	method_mend(buffer);
}

/* The answer is written. */
static void
on_complete(struct evhttp_request *req, void *arg)
{
	struct conn *c = arg;
	struct evbuffer *input = bufferevent_get_input(c->bev);

	(void)req;
	/* what was sent ahead is the next request, whose time begins now */
	c->begun = evbuffer_get_length(input) > 0;
	if (c->begun)
		method_mend(input);
	conn_move(c, c->begun ? CONN_BUSY : CONN_IDLE);
}

static void
on_close(struct evhttp_connection *evcon, void *arg)
{
	struct conn *c = arg;

	(void)evcon;
	(void)evbuffer_remove_cb(bufferevent_get_input(c->bev), on_input, c);
	c->conns->by_fd[c->fd] = NULL;
	if (c->holder != NULL)
		*c->holder = NULL;
	conn_free(c);
}

static void
conn_close(struct conn *c, enum meter_close why)
{
	meter_add(&c->conns->meters->closed[why], 1);
	evhttp_connection_free(c->evcon); /* calls on_close() */
}

/* evhttp knows it by now, or has given it up already. */
static void
conn_adopt(struct conn *c)
{
	struct bufferevent *bev = c->bev;
	void *evcon = NULL;

	bufferevent_getcb(bev, NULL, NULL, NULL, &evcon);
	c->fd = bufferevent_getfd(bev);
	if (evcon == NULL || c->fd < 0 || (size_t)c->fd >= c->conns->nfds) {
		conn_free(c);
	} else {
		c->evcon = evcon;
		c->conns->by_fd[c->fd] = c;
		conn_move(c, CONN_BUSY);
		(void)evbuffer_add_cb(bufferevent_get_input(bev), on_input, c);
		evhttp_connection_set_closecb(c->evcon, on_close, c);
		if (c->doomed)
			conn_close(c, METER_CLOSE_REFUSED);
	}
	bufferevent_decref(bev);
}

static void
on_adopt(evutil_socket_t fd, short what, void *arg)
{
	struct conns *conns = arg;
	struct conn *behind;

	(void)fd;
	(void)what;
	for (struct conn *c = conns->fresh.first; c != NULL; c = behind) {
		behind = c->behind;
		conn_adopt(c);
	}
}

/* It is counted in the crowd already. NULL: no memory. */
static struct bufferevent *
conn_new(struct conns *conns, struct bufferevent *bev, bool doomed)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL || bev == NULL) {
		(void)atomic_fetch_sub(&conns->crowd->n, 1);
		free(c);
		if (bev != NULL)
			bufferevent_free(bev);
		return NULL;
	}
	c->conns = conns;
	c->bev = bev;
	c->doomed = doomed;
	bufferevent_incref(bev);
	bufferevent_setwatermark(bev, EV_READ, 0, AHEAD_BYTES);
	conns->n++;
	meter_set(&conns->meters->connections, conns->n);
	meter_add(&conns->meters->accepted, 1);
	list_add(c, CONN_FRESH);
	event_active(conns->adopt, EV_TIMEOUT, 0);
	return bev;
}

static struct bufferevent *
conn_doomed(struct conns *conns)
{
	return conn_new(conns, bufferevent_socket_new(conns->base, -1, 0), true);
}

struct bufferevent *
conns_refuse(struct conns *conns)
{
	(void)atomic_fetch_add(&conns->crowd->n, 1);
	return conn_doomed(conns);
}

/* Another worker will close one of its idle connections; false: there is none left. */
static bool
crowd_owes(struct crowd *crowd)
{
	size_t owed = atomic_load(&crowd->owed), idle = 0;

	for (const struct conns *conns = crowd->first; conns != NULL; conns = conns->other)
		idle += idle_number(conns);
	if (owed >= idle || owed >= OWED_MAX)
		return false;
	(void)atomic_fetch_add(&crowd->owed, 1);
	return true;
}

/* One of those debts, to be paid here. */
static bool
debt_take(struct crowd *crowd)
{
	size_t owed = atomic_load(&crowd->owed);

	while (owed > 0) {
		if (atomic_compare_exchange_weak(&crowd->owed, &owed, owed - 1))
			return true;
	}
	return false;
}

/* Counts one more, and makes room for it. Also who is closed at once was there. */
static bool
room_make(struct conns *conns)
{
	if (atomic_fetch_add(&conns->crowd->n, 1) < conns->crowd->max)
		return true;
	if (conns->idle.first == NULL)
		return crowd_owes(conns->crowd);
	conn_close(conns->idle.first, METER_CLOSE_CROWDED);
	return true;
}

struct bufferevent *
conns_begin(struct conns *conns, struct ssl_st *session)
{
	struct bufferevent *bev;

	if (!room_make(conns)) {
		tls_server_session_free(session);
		return conn_doomed(conns);
	}
	if (session == NULL)
		return conn_new(conns, bufferevent_socket_new(conns->base, -1, 0), false);
	bev = bufferevent_openssl_socket_new(
	    conns->base, -1, session, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	return bev != NULL ? conn_new(conns, bev, false) : conn_doomed(conns);
}

struct conn *
conns_of(struct conns *conns, struct evhttp_request *req)
{
	struct evhttp_connection *evcon = evhttp_request_get_connection(req);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(evcon));
	struct conn *c = fd >= 0 && (size_t)fd < conns->nfds ? conns->by_fd[fd] : NULL;

	if (c == NULL || c->evcon != evcon)
		return NULL;
	evhttp_request_set_on_complete_cb(req, on_complete, c);
	if (!c->has_peer) {
		c->by_unix = http_socket_peer(fd, &c->peer);
		c->has_peer = true;
	}
	return c;
}

/* --- who goes --- */

static void
list_sweep(struct conn_list *list, int64_t before_ms, enum meter_close why)
{
	while (list->first != NULL && list->first->since_ms <= before_ms)
		conn_close(list->first, why);
}

void
conns_sweep(struct conns *conns, int64_t keep_alive_ms, int64_t request_ms)
{
	list_sweep(&conns->idle, *conns->now_ms - keep_alive_ms, METER_CLOSE_IDLE);
	list_sweep(&conns->busy, *conns->now_ms - request_ms, METER_CLOSE_SLOW);
	while (conns->idle.first != NULL && debt_take(conns->crowd))
		conn_close(conns->idle.first, METER_CLOSE_CROWDED);
}

void
conns_close_idle(struct conns *conns)
{
	list_sweep(&conns->idle, INT64_MAX, METER_CLOSE_IDLE);
}

int
conns_init(struct conns *conns)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	conns->nfds = (size_t)limit.rlim_cur;
	conns->by_fd = calloc(conns->nfds, sizeof(struct conn *));
	conns->adopt = event_new(conns->base, -1, 0, on_adopt, conns);
	conns->other = conns->crowd->first;
	conns->crowd->first = conns;
	return conns->by_fd == NULL || conns->adopt == NULL ? -1 : 0;
}

void
conns_fini(struct conns *conns)
{
	if (conns->adopt != NULL) {
		on_adopt(-1, 0, conns); /* those whom nobody told of any more */
		event_free(conns->adopt);
	}
	free(conns->by_fd);
}
