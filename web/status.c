/*
 * status.c - see status.h.
 */
#include "status.h"

#include "io/clock.h"
#include "io/store_redis.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <string.h>

#define TICK_US 100000L

/* Few ask, and they ask little. */
#define HEADER_BYTES 8192
#define BODY_BYTES   1024
#define TIMEOUT_S    10

/* A worker that was not seen for so long hangs. */
#define HANG_MS 5000

#define METRICS_BYTES 32768

static const struct state *
state_of(const struct status *status)
{
	return atomic_load_explicit(&status->state, memory_order_relaxed);
}

static bool
is_alive(const struct status *status)
{
	int64_t now_ms = clock_real.mono_ms(&clock_real);

	for (size_t i = 0; i < status->web->nworkers; i++) {
		if (now_ms - atomic_load(&status->web->workers[i].alive_ms) > HANG_MS)
			return false;
	}
	return true;
}

static void
answer(struct evhttp_request *req, int code, const char *type, struct slice text)
{
	struct evkeyvalq *fields = evhttp_request_get_output_headers(req);

	(void)evhttp_add_header(fields, "Content-Type", type);
	(void)evhttp_add_header(fields, "Cache-Control", "no-store");
	(void)evbuffer_add(evhttp_request_get_output_buffer(req), text.p, text.n);
	evhttp_send_reply(req, code,
	    code == 200   ? "OK"
	    : code == 404 ? "Not Found"
			  : "Unavailable",
	    NULL);
}

/* Redis may be away: pixels and links go on without it, so that is no reason to take us out. */
static void
health_answer(struct status *status, struct evhttp_request *req)
{
	bool alive = is_alive(status) && !atomic_load(&status->web->stopping);
	struct store_gauges gauges;
	char storage[100];
	struct buf out = BUF_OVER(storage);

	store_redis_gauges(state_of(status)->store, &gauges);
	buf_add_format(&out, "%s\nredis %s\n", alive ? "ok" : "failing", gauges.up ? "up" : "down");
	answer(req, alive ? 200 : 503, "text/plain", buf_slice(&out));
}

static void
gauges_format(const struct status *status, struct buf *out)
{
	const struct state *s = state_of(status);
	const struct account_book *book = s->accounts->hold(s->accounts);
	size_t accounts = book->n;
	struct store_gauges gauges;

	s->accounts->release(s->accounts, book);
	store_redis_gauges(s->store, &gauges);
	meter_format(out, "redis_up", "gauge", "Whether Redis answers.", gauges.up);
	meter_format(
	    out, "queue_bytes", "gauge", "What waits to be written to Redis.", gauges.queue_used);
	meter_format(
	    out, "queue_bytes_max", "gauge", "What may wait (redis.queue).", gauges.queue_bytes);
	meter_format(out, "events_dropped_total", "counter",
	    "Events that found no room in the queue, or that Redis refused.", gauges.dropped);
	meter_format(out, "accounts", "gauge", "Accounts that are known.", accounts);
	meter_format(out, "threads", "gauge", "Threads that answer.", status->web->nworkers);
	meter_format(out, "start_time_seconds", "gauge", "When it was started, in Unix time.",
	    (uint64_t)status->started_s);
	buf_add_text(out,
	    "# HELP gatepost_build_info What this is.\n"
	    "# TYPE gatepost_build_info gauge\n"
	    "gatepost_build_info{program=\"gatepost-web\",version=\"" PACKAGE_VERSION "\"} 1\n");
}

static void
metrics_answer(struct status *status, struct evhttp_request *req)
{
	static struct meters sum; /* of this thread */
	char storage[METRICS_BYTES];
	struct buf out = BUF_OVER(storage);

	memset(&sum, 0, sizeof(sum));
	for (size_t i = 0; i < status->web->nworkers; i++)
		meters_sum(&sum, &status->web->workers[i].meters);
	meters_format(&sum, &out);
	gauges_format(status, &out);
	answer(req, 200, "text/plain; version=0.0.4; charset=utf-8", buf_slice(&out));
}

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct slice uri = slice_of(evhttp_request_get_uri(req));

	if (slice_eq(uri, slice_of("/metrics")))
		metrics_answer(arg, req);
	else if (slice_eq(uri, slice_of("/health")))
		health_answer(arg, req);
	else
		answer(req, 404, "text/plain", slice_of("/health and /metrics are here\n"));
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct status *status = arg;

	(void)fd;
	(void)what;
	atomic_store(&status->state, atomic_load(&status->web->state));
	if (atomic_load(&status->web->stopping))
		(void)event_base_loopbreak(status->base);
}

static void *
status_main(void *arg)
{
	struct status *status = arg;

	(void)event_base_dispatch(status->base);
	return NULL;
}

/* The socket is not closed with it: who opened it closes it. */
static int
listen_at(struct status *status, int fd)
{
	struct evconnlistener *listener = evconnlistener_new(
	    status->base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, fd);

	return listener != NULL && evhttp_bind_listener(status->http, listener) != NULL ? 0 : -1;
}

int
status_start(struct status *status, struct web *web, int fd, struct err *err)
{
	static const struct timeval tick = {0, TICK_US};

	*status = (struct status){.web = web, .started_s = clock_real.now_s(&clock_real)};
	atomic_store(&status->state, atomic_load(&web->state));
	status->base = event_base_new();
	if (status->base != NULL) {
		status->http = evhttp_new(status->base);
		status->tick = event_new(status->base, -1, EV_PERSIST, on_tick, status);
	}
	if (status->http == NULL || status->tick == NULL || listen_at(status, fd) != 0 ||
	    event_add(status->tick, &tick) != 0)
		return err_set(err, ERR_NOMEM, "no memory for the thread that tells how we are");
	evhttp_set_max_headers_size(status->http, HEADER_BYTES);
	evhttp_set_max_body_size(status->http, BODY_BYTES);
	evhttp_set_timeout(status->http, TIMEOUT_S);
	evhttp_set_allowed_methods(status->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_gencb(status->http, on_request, status);
	status->running = pthread_create(&status->thread, NULL, status_main, status) == 0;
	return status->running ? 0 : err_set(err, ERR_NOMEM, "cannot start a thread");
}

void
status_stop(struct status *status)
{
	if (status->running)
		(void)pthread_join(status->thread, NULL);
	if (status->tick != NULL)
		event_free(status->tick);
	if (status->http != NULL)
		evhttp_free(status->http);
	if (status->base != NULL)
		event_base_free(status->base);
	*status = (struct status){.web = NULL};
}
