/*
 * webhooks_consumer.c - see webhooks_consumer.h: turns, and the way of an event from taken to settled.
 */
#include "webhooks_consumer.h"

#include "io/entropy.h"
#include "settings.h"
#include "webhooks_conf.h"
#include "webhooks_endpoints.h"
#include "webhooks_post.h"
#include "webhooks_tell.h"

#include <stdlib.h>
#include <unistd.h>

/* How often a webhook is looked after; with more than POLL_MS of them, once in so many ms each. */
#define POLL_MS 500

/* After an answer of Redis that one account's keys are to blame for. */
#define ODD_MS 10000

/* After so many failures in a row there are pauses; the longest. */
#define FAILS        3
#define PAUSE_MAX_MS 60000

/* So often Redis is told of an outcome that it does not like: it may have been the connection. */
#define SETTLE_TRIES 2

/* What is ours stays ours for so long beyond a delivery's time. */
#define LEASE_MORE_MS 5000

/* One event on its way. */
struct flight {
	struct flight *next;
	struct webhook_endpoint *endpoint; /* held */
	bool failing;                      /* it was, when this began */
	int unsettled;                     /* how often Redis was told in vain */
	struct deadline settle_at;         /* it is not told before */
	char entry[STORE_WEBHOOK_ENTRY_BYTES];
	struct store_webhook_outcome outcome;
	struct webhook_answer answer;
};

struct webhooks_consumer {
	const struct webhooks_conf *conf;
	const struct redis_conf *redis;
	struct webhook_endpoints endpoints;
	struct webhook_http *http;
	bool opened;               /* the endpoints */
	struct store_admin *admin; /* NULL: not connected yet */
	struct deadline store_at;  /* nothing is asked of Redis before */
	bool store_down;
	bool stopping;
	size_t turn;                   /* who begins */
	size_t flying, failing_flying; /* deliveries, and of failing webhooks */
	struct flight *landed, **landed_end;
	char host[64];
};

/* --- Redis --- */

static void
store_lost(struct webhooks_consumer *c, const struct err *err)
{
	c->store_at = deadline_in_ms(c->redis->retry_ms);
	if (!c->store_down)
		webhooks_tell_redis(err->text);
	c->store_down = true;
}

static void
store_found(struct webhooks_consumer *c)
{
	if (c->store_down)
		webhooks_tell_redis(NULL);
	c->store_down = false;
}

static bool
store_is_there(struct webhooks_consumer *c)
{
	struct err err;

	if (!deadline_passed(c->store_at))
		return false;
	if (c->admin == NULL)
		c->admin = store_admin_new(c->redis, &err);
	if (c->admin == NULL)
		store_lost(c, &err);
	return c->admin != NULL;
}

/* True when Redis is to blame as a whole, and not what was asked of it. */
static bool
store_is_lost(struct webhooks_consumer *c, const struct err *err)
{
	if (err->code != ERR_UNAVAILABLE && err->code != ERR_TIMEOUT)
		return false;
	store_lost(c, err);
	return true;
}

/* --- an event that has ended --- */

static void
flight_free(struct flight *flight)
{
	webhook_endpoint_release(flight->endpoint);
	free(flight);
}

static void
endpoint_judge(struct webhooks_consumer *c, struct webhook_endpoint *endpoint, bool delivered)
{
	struct webhook_retry pause = {c->conf->retry_first_ms,
	    c->conf->retry_longest_ms < PAUSE_MAX_MS ? c->conf->retry_longest_ms : PAUSE_MAX_MS, 0};

	endpoint->proven = delivered;
	if (delivered) {
		endpoint->fails = 0;
		return;
	}
	endpoint->fails++;
	if (endpoint->fails >= FAILS)
		endpoint->poll_at = deadline_in_ms(webhook_delay_ms(
		    &pause, endpoint->fails - FAILS + 1, random_real.next(&random_real)));
}

/* To the end of those that Redis is to be told of. */
static void
landed_add(struct webhooks_consumer *c, struct flight *flight)
{
	flight->next = NULL;
	*c->landed_end = flight;
	c->landed_end = &flight->next;
}

/* What its answer means for it. */
static void
flight_land(struct webhooks_consumer *c, struct flight *flight)
{
	const struct webhook_retry retry = {
	    c->conf->retry_first_ms, c->conf->retry_longest_ms, c->conf->tries};
	struct store_webhook_outcome *outcome = &flight->outcome;

	c->flying--;
	c->failing_flying -= flight->failing;
	flight->endpoint->flying--;
	outcome->reason = flight->answer.reason;
	if (flight->answer.delivered)
		outcome->settled = WEBHOOK_DELIVERED;
	else if (outcome->tries >= retry.tries)
		outcome->settled = WEBHOOK_DEAD;
	else
		outcome->settled = WEBHOOK_AGAIN;
	if (outcome->settled == WEBHOOK_AGAIN)
		outcome->delay_ms = webhook_delay_ms(
		    &retry, outcome->tries, random_real.next(&random_real));
	endpoint_judge(c, flight->endpoint, flight->answer.delivered);
	webhooks_tell_outcome(outcome, flight->answer.ms);
	landed_add(c, flight);
}

/* Tells Redis of it, which may not like what it has of that account: no reason for others to wait. */
static void
flight_settle(struct webhooks_consumer *c, struct flight *flight)
{
	struct err err;

	if (store_admin_webhook_settle(c->admin, &flight->outcome, &err) == 0) {
		store_found(c);
		flight_free(flight);
	} else if (store_is_lost(c, &err)) {
		landed_add(c, flight);
	} else if (flight->unsettled++ < SETTLE_TRIES) {
		flight->settle_at = deadline_in_ms(c->redis->retry_ms);
		landed_add(c, flight);
	} else { /* it is due again when its time is over */
		webhooks_tell_odd(flight->endpoint->name, err.text);
		flight_free(flight);
	}
}

/* Each that has ended once, as long as Redis is there; what is not settled stays. */
static void
landed_settle(struct webhooks_consumer *c)
{
	struct flight *flight = c->landed, *next;

	c->landed = NULL;
	c->landed_end = &c->landed;
	for (; flight != NULL; flight = next) {
		next = flight->next;
		if (deadline_passed(flight->settle_at) && store_is_there(c))
			flight_settle(c, flight);
		else
			landed_add(c, flight);
	}
}

/* --- an event that begins --- */

/* The i-th of the batch; NULL: no memory. */
static struct flight *
flight_new(struct webhooks_consumer *c, struct webhook_endpoint *endpoint,
    const struct store_webhook_batch *batch, size_t i, struct record *event_r)
{
	struct flight *flight = calloc(1, sizeof(*flight));
	struct slice entry;

	if (flight == NULL)
		return NULL;
	store_webhook_batch_at(batch, i, &entry, &flight->outcome.tries, event_r);
	memcpy(flight->entry, entry.p, entry.n);
	flight->endpoint = endpoint;
	webhook_endpoint_hold(endpoint);
	flight->failing = endpoint->fails > 0;
	flight->outcome.account = endpoint->name;
	flight->outcome.entry = flight->entry;
	flight->outcome.keep_dead = c->conf->keep_dead;
	flight->outcome.retention_s = endpoint->account->retention_s;
	return flight;
}

/* The i-th of the batch, on its way. One that cannot begin has failed as others do: there is an end of
 * its tries, and the dead list says why. */
static void
flight_begin(struct webhooks_consumer *c, struct webhook_endpoint *endpoint,
    const struct store_webhook_batch *batch, size_t i)
{
	struct record event;
	struct flight *flight = flight_new(c, endpoint, batch, i, &event);
	struct buf reason;
	struct err err;

	if (flight == NULL)
		return; /* it is due again when its time is over */
	endpoint->flying++;
	c->flying++;
	c->failing_flying += flight->failing;
	if (webhooks_post(c->http,
		&(struct webhook_event){endpoint->account, slice_of(flight->entry), &event}, flight,
		&err) == 0)
		return;
	buf_init(&reason, flight->answer.reason, sizeof(flight->answer.reason));
	buf_add_text(&reason, err.text);
	(void)buf_text(&reason);
	flight_land(c, flight);
}

/* Once it may have been the connection; then it is what Redis has of that account. */
static void
endpoint_odd(struct webhooks_consumer *c, struct webhook_endpoint *endpoint, const struct err *err)
{
	endpoint->odd++;
	endpoint->poll_at = deadline_in_ms(endpoint->odd > 1 ? ODD_MS : c->redis->retry_ms);
	if (endpoint->odd == 2)
		webhooks_tell_odd(endpoint->name, err->text);
}

static int64_t
poll_ms(const struct webhooks_consumer *c)
{
	return c->endpoints.n > POLL_MS ? (int64_t)c->endpoints.n : POLL_MS;
}

static void
endpoint_take(struct webhooks_consumer *c, struct webhook_endpoint *endpoint, size_t wanted)
{
	const struct store_webhook_terms terms = {.account = endpoint->account,
	    .consumer = c->host,
	    .lease_ms = c->conf->timeout_ms + LEASE_MORE_MS,
	    .backlog_ms = c->conf->backlog_s * 1000,
	    .keep_dead = c->conf->keep_dead};
	struct store_webhook_batch batch;
	struct err err;

	if (store_admin_webhook_take(c->admin, &terms, wanted, !endpoint->known, &batch, &err) !=
	    0) {
		if (!store_is_lost(c, &err))
			endpoint_odd(c, endpoint, &err);
		return;
	}
	store_found(c);
	endpoint->known = true;
	endpoint->odd = 0;
	endpoint->poll_at = deadline_in_ms(batch.more ? 0 : poll_ms(c));
	webhooks_tell_losses(endpoint->name, "lost", batch.lost);
	webhooks_tell_losses(endpoint->name, "dead", batch.gone);
	for (size_t i = 0; i < batch.n; i++)
		flight_begin(c, endpoint, &batch, i);
	store_webhook_batch_free(&batch);
}

/* How many deliveries it may have beyond those that it has. */
static size_t
endpoint_room(const struct webhooks_consumer *c, const struct webhook_endpoint *endpoint)
{
	size_t all = (size_t)c->conf->connections, own = (size_t)c->conf->parallel;

	if (endpoint->fails > 0 && c->failing_flying >= all / 2)
		return 0;
	if (!endpoint->proven)
		own = 1;
	if (own <= endpoint->flying || all <= c->flying)
		return 0;
	own -= endpoint->flying;
	return own < all - c->flying ? own : all - c->flying;
}

/* True when somebody has more to be sent at once. */
static bool
events_take(struct webhooks_consumer *c)
{
	struct webhook_endpoints *all = &c->endpoints;
	bool more = false;

	webhook_endpoints_refresh(all);
	c->turn++;
	for (size_t i = 0; i < all->n && store_is_there(c); i++) {
		struct webhook_endpoint *endpoint = all->v[(c->turn + i) % all->n];
		size_t room = endpoint_room(c, endpoint);

		if (room == 0 || !deadline_passed(endpoint->poll_at))
			continue;
		endpoint_take(c, endpoint, room);
		more = more ||
		       (deadline_passed(endpoint->poll_at) && endpoint_room(c, endpoint) > 0);
	}
	return more;
}

/* --- the consumer --- */

void
webhooks_consumer_turn(struct webhooks_consumer *c, int64_t wait_ms)
{
	struct webhook_answer answer;
	bool more;

	landed_settle(c); /* before more is taken: it could be one of these again */
	more = !c->stopping && events_take(c);
	webhook_http_work(c->http, more ? 0 : wait_ms);
	while (webhook_http_next(c->http, &answer)) {
		struct flight *flight = answer.arg;

		flight->answer = answer;
		flight_land(c, flight);
	}
	landed_settle(c);
}

void
webhooks_consumer_stop(struct webhooks_consumer *c)
{
	c->stopping = true;
}

bool
webhooks_consumer_is_idle(const struct webhooks_consumer *c)
{
	return c->flying == 0 && c->landed == NULL;
}

struct webhooks_consumer *
webhooks_consumer_new(const struct conf *conf, struct err *err)
{
	struct webhooks_consumer *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	c->conf = settings_of(conf, &webhooks_section);
	c->redis = settings_of(conf, &redis_section);
	c->landed_end = &c->landed;
	(void)gethostname(c->host, sizeof(c->host) - 1);
	c->http = webhook_http_new(&(struct webhook_http_conf){.timeout_ms = c->conf->timeout_ms,
				       .connections = c->conf->connections,
				       .allowed = &c->conf->allow_networks,
				       .tls_ca = c->conf->tls_ca},
	    err);
	c->opened = c->http != NULL && webhook_endpoints_open(&c->endpoints, conf, err) == 0;
	if (c->opened)
		return c;
	webhooks_consumer_free(c);
	return NULL;
}

void
webhooks_consumer_free(struct webhooks_consumer *c)
{
	void *arg;

	if (c == NULL)
		return;
	while (c->landed != NULL) {
		struct flight *flight = c->landed;

		c->landed = flight->next;
		flight_free(flight);
	}
	while (c->http != NULL && webhook_http_cancel(c->http, &arg))
		flight_free(arg);
	webhook_http_free(c->http);
	if (c->opened)
		webhook_endpoints_close(&c->endpoints);
	store_admin_free(c->admin);
	free(c);
}
