/*
 * worker.c - see worker.h.
 */
#include "worker.h"

#include "ask.h"
#include "hits.h"
#include "io/clock.h"
#include "io/log.h"
#include "wishes.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <signal.h>
#include <time.h>

#define TICK_US  100000L
#define MS_PER_S 1000

/* Hits that are recorded at one tick, at most, so that requests need not wait for long. */
#define TICK_HITS 2000

/* --- what changes under it --- */

/* Goes over to the newest accounts; those so far are given back. */
static void
book_renew(struct worker *w, struct accounts *accounts)
{
	const struct account_book *book = accounts->hold(accounts);
	struct directory directory;

	if (book == w->book || directory_make(&directory, book) != 0) {
		accounts->release(accounts, book);
		return;
	}
	directory_free(&w->directory);
	w->directory = directory;
	if (w->book != NULL)
		w->book_of->release(w->book_of, w->book);
	w->book = book;
	w->book_of = accounts;
}

static void
book_drop(struct worker *w)
{
	directory_free(&w->directory);
	if (w->book != NULL)
		w->book_of->release(w->book_of, w->book);
	w->book = NULL;
}

/* Goes over to the state in force. Whoever replaced it waits until nobody has the other any more. */
static void
state_renew(struct worker *w)
{
	struct state *state = atomic_load(&w->web->state);

	if (state != atomic_load_explicit(&w->state, memory_order_relaxed)) {
		book_drop(w); /* by its own port */
		book_renew(w, state->accounts);
		atomic_store(&w->state, state);
	} else {
		book_renew(w, state->accounts);
	}
}

static void
date_renew(struct worker *w)
{
	time_t now = time(NULL);
	struct tm utc;

	if ((int64_t)now == w->date_s || gmtime_r(&now, &utc) == NULL)
		return;
	w->date_s = (int64_t)now;
	(void)strftime(w->date, sizeof(w->date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
}

static void
bound_find(struct evhttp_bound_socket *bound, void *arg)
{
	struct evhttp_bound_socket **found = arg;

	*found = bound;
}

/* One after the other: libevent must not lose one while it goes over them. */
static void
accept_end(struct evhttp *http)
{
	struct evhttp_bound_socket *bound;

	do {
		bound = NULL;
		evhttp_foreach_bound_socket(http, bound_find, &bound);
		if (bound != NULL)
			evhttp_del_accept_socket(http, bound);
	} while (bound != NULL);
}

/* Accepts nobody any more, and lets those finish who are being answered. */
static void
drain(struct worker *w)
{
	if (!w->draining) {
		w->draining = true;
		accept_end(w->http);
		accept_end(w->https);
	}
	conns_close_idle(&w->conns);
	if (w->conns.n == 0 || w->now_ms >= atomic_load(&w->web->stop_ms))
		(void)event_base_loopbreak(w->base);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	const struct web_conf *conf;

	(void)fd;
	(void)what;
	w->now_ms = clock_real.mono_ms(&clock_real);
	atomic_store_explicit(&w->alive_ms, w->now_ms, memory_order_relaxed);
	date_renew(w);
	state_renew(w);
	conf = atomic_load_explicit(&w->state, memory_order_relaxed)->web;
	hits_record(w, TICK_HITS, false);
	wishes_answer(w);
	conns_sweep(&w->conns, conf->keep_alive_s * MS_PER_S, conf->request_timeout_s * MS_PER_S);
	if (atomic_load(&w->web->stopping))
		drain(w);
}

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct web_door *door = arg;
	struct state *s = atomic_load_explicit(&door->worker->state, memory_order_relaxed);
	struct conns *conns = &door->worker->conns;
	struct ssl_st *session;

	(void)base;
	if (!door->tls)
		return conns_begin(conns, NULL);
	session = s->tls == NULL ? NULL : tls_server_session(s->tls);
	return session == NULL ? conns_refuse(conns) : conns_begin(conns, session);
}

/* --- beginning and end --- */

static struct evhttp *
http_new(struct worker *w, struct web_door *door)
{
	struct evhttp *http = evhttp_new(w->base);

	if (http == NULL)
		return NULL;
	evhttp_set_max_headers_size(http, WEB_HEADER_BYTES);
	evhttp_set_max_body_size(http, WEB_BODY_BYTES);
	evhttp_set_allowed_methods(http, UINT16_MAX); /* we answer 405 ourselves */
	evhttp_set_default_content_type(http, NULL);
	evhttp_set_gencb(http, request_handle, w);
	evhttp_set_bevcb(http, on_connection, door);
	return http;
}

static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config == NULL)
		return NULL;
	/* one thread for each; and what changes twice between two waits is told the kernel once */
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static int
sockets_add(struct worker *w, const struct web_socket *sockets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		/* not closed with the listener: who opened it closes it */
		struct evconnlistener *listener = evconnlistener_new(
		    w->base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, sockets[i].fd);

		if (listener == NULL ||
		    evhttp_bind_listener(sockets[i].tls ? w->https : w->http, listener) == NULL)
			return -1;
	}
	return 0;
}

int
worker_init(
    struct worker *w, struct web *web, const struct web_socket *sockets, size_t n, struct err *err)
{
	static const struct timeval tick = {0, TICK_US};

	*w = (struct worker){.web = web};
	atomic_store(&w->state, atomic_load(&web->state));
	w->doors[0] = (struct web_door){w, false};
	w->doors[1] = (struct web_door){w, true};
	w->base = base_new();
	w->conns = (struct conns){
	    .base = w->base, .meters = &w->meters, .now_ms = &w->now_ms, .crowd = &web->crowd};
	if (w->base != NULL) {
		w->http = http_new(w, &w->doors[0]);
		w->https = http_new(w, &w->doors[1]);
		w->tick = event_new(w->base, -1, EV_PERSIST, on_tick, w);
	}
	if (w->http == NULL || w->https == NULL || w->tick == NULL ||
	    held_init(&w->held, HELD_BYTES) != 0 || conns_init(&w->conns) != 0 ||
	    sockets_add(w, sockets, n) != 0 || event_add(w->tick, &tick) != 0)
		return err_set(err, ERR_NOMEM, "no memory for a thread that answers");
	return 0;
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;

	on_tick(-1, 0, w);
	(void)event_base_dispatch(w->base);
	hits_record(w, SIZE_MAX, true);
	return NULL;
}

int
worker_start(struct worker *w, struct err *err)
{
	atomic_store(
	    &w->alive_ms, clock_real.mono_ms(&clock_real)); /* before its first tick, too */
	w->running = pthread_create(&w->thread, NULL, worker_main, w) == 0;
	return w->running ? 0 : err_set(err, ERR_NOMEM, "cannot start a thread");
}

void
worker_join(struct worker *w)
{
	if (w->running)
		(void)pthread_join(w->thread, NULL);
	w->running = false;
}

void
worker_fini(struct worker *w)
{
	wishes_end(w);
	book_drop(w);
	if (w->tick != NULL)
		event_free(w->tick);
	if (w->http != NULL)
		evhttp_free(w->http);
	if (w->https != NULL)
		evhttp_free(w->https);
	conns_fini(&w->conns);
	held_fini(&w->held);
	if (w->base == NULL)
		return;
	(void)event_base_loop(w->base, EVLOOP_NONBLOCK); /* what libevent frees later */
	event_base_free(w->base);
}
