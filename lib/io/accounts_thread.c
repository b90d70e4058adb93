/*
 * accounts_thread.c - what the thread does: connect, read what is wanted, put a new book in force, and
 * wait until Redis tells of a change or the time has come to read all again.
 */
#include "io/accounts_parts.h"

#include <poll.h>

#define SETTLE_MS     50 /* between a change and its reading: others may follow */
#define SETTLE_MAX_MS 400
#define SETTLE_FACTOR                                                                              \
	10 /* … as many times as long as the reading takes, when they keep following */
#define QUIET_US       INT64_C(1000000) /* so long after the last reading, they do not */
#define MISSING_MS     2000 /* who writes the map first has so long to write the accounts */
#define PAUSE_FIRST_MS 100  /* before the next attempt to connect */
#define PAUSE_MAX_MS   5000
#define REFRESH_FACTOR 10 /* how much more seldom all is read when Redis tells what changes */

static bool
is_set(struct deadline d)
{
	return d.at_us != 0;
}

/* --- what changed --- */

/* It is read after a while; a longer one when changes follow each other, as in an import, and there
 * is much to read each time. */
static void
settle(struct accounts_port *p)
{
	struct accounts_times *t = &p->times;
	int64_t ms = t->round_us * SETTLE_FACTOR / 1000;

	if (is_set(t->settle_at))
		return;
	if (ms < SETTLE_MS || deadline_now_us() - t->round_end.at_us > QUIET_US)
		ms = SETTLE_MS;
	t->settle_at = deadline_in_ms(ms < SETTLE_MAX_MS ? ms : SETTLE_MAX_MS);
}

void
accounts_changed_all(struct accounts_port *p)
{
	for (size_t i = 0; i < p->nslots; i++)
		p->slots[i].too_long = false;
	p->map_too_long = false;
	p->want_all = true;
	settle(p);
}

void
accounts_changed_map(struct accounts_port *p)
{
	p->map_too_long = false;
	p->want_map = true;
	settle(p);
}

void
accounts_changed_one(struct accounts_port *p, struct slice name)
{
	struct accounts_slot *slot = accounts_slot_find(p, name);

	if (slot == NULL)
		return; /* no concern of the map's */
	if (!slot->wanted)
		p->nwanted++;
	slot->wanted = true;
	slot->too_long = false;
	settle(p);
}

/* One of those that were too long is tried again; each may cost the connection. */
static void
retry_one(struct accounts_port *p)
{
	for (size_t i = 1; i <= p->nslots; i++) {
		size_t at = (p->retried + i) % p->nslots;

		if (!p->slots[at].too_long)
			continue;
		p->slots[at].too_long = false;
		p->retried = at;
		return;
	}
}

/* --- a round --- */

static void
refresh_plan(struct accounts_port *p)
{
	int64_t factor = p->link.tracking ? REFRESH_FACTOR : 1;

	p->times.refresh_at = deadline_in_ms(p->setup.conf.refresh_s * factor * 1000);
}

/* What is missing still is told. */
static void
missing_tell(struct accounts_port *p)
{
	if (!is_set(p->times.missing_at) || !deadline_passed(p->times.missing_at))
		return;
	p->times.missing_at = (struct deadline){0};
	for (size_t i = 0; i < p->nslots; i++) {
		if (p->slots[i].missing)
			accounts_tell_missing(p, &p->slots[i], false);
	}
	accounts_told(p);
}

static void
missing_plan(struct accounts_port *p)
{
	if (is_set(p->times.missing_at))
		return;
	for (size_t i = 0; i < p->nslots; i++) {
		if (p->slots[i].missing) {
			p->times.missing_at = deadline_in_ms(MISSING_MS);
			return;
		}
	}
}

static void
was_read(struct accounts_port *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->was_read = true;
	(void)pthread_cond_broadcast(&p->read);
	(void)pthread_mutex_unlock(&p->lock);
}

static int
round_do(struct accounts_port *p, struct err *err)
{
	bool all = p->want_all, complete = p->complete;
	int64_t begin_us = deadline_now_us();

	p->times.settle_at = (struct deadline){0};
	if (accounts_read(p, err) != 0)
		return -1;
	accounts_told(p);
	if ((p->changed || p->complete != complete) && accounts_publish(p, err) != 0)
		return -1;
	if (all) {
		was_read(p);
		refresh_plan(p);
	}
	missing_plan(p);
	p->times.pause_ms = 0;
	p->times.round_end = deadline_in_ms(0);
	/* how long all of it takes says nothing of a change */
	p->times.round_us = all ? 0 : p->times.round_end.at_us - begin_us;
	return 0;
}

static int
connect_all(struct accounts_port *p, struct err *err)
{
	if (accounts_link_open(p, err) != 0)
		return -1;
	p->want_all = true; /* what changed meanwhile, nobody told */
	p->times.settle_at = deadline_in_ms(0);
	refresh_plan(p);
	return 0;
}

/* It is time to read all again; perhaps Redis would tell by now what changes. */
static int
refresh(struct accounts_port *p, struct err *err)
{
	p->want_all = true;
	p->map_too_long = false;
	retry_one(p);
	refresh_plan(p);
	p->times.settle_at = deadline_in_ms(0);
	return p->link.tracking ? 0 : accounts_track(p, err);
}

/* --- waiting --- */

/* The soonest of what is due next, in milliseconds. */
static int
wait_ms(const struct accounts_port *p)
{
	const struct accounts_times *t = &p->times;
	struct deadline next = deadline_sooner(t->refresh_at, p->link.ping_at);

	if (is_set(t->settle_at))
		next = deadline_sooner(next, t->settle_at);
	if (is_set(t->missing_at))
		next = deadline_sooner(next, t->missing_at);
	if (is_set(p->link.pong_until))
		next = deadline_sooner(next, p->link.pong_until);
	return (int)((deadline_left_us(next) + 999) / 1000);
}

static int
wait_for_news(struct accounts_port *p, struct err *err)
{
	struct pollfd fds[3] = {{.fd = p->stop_pipe[0], .events = POLLIN},
	    {.fd = p->link.data.context->fd, .events = POLLIN},
	    {.fd = p->link.tracking ? p->link.track.context->fd : -1, .events = POLLIN}};

	if (poll(fds, 3, wait_ms(p)) <= 0)
		return 0;
	/* nothing was asked on it: it can only be its end */
	if (fds[1].revents != 0)
		return err_set(err, ERR_IO, "Redis closed the connection");
	return fds[2].revents != 0 ? accounts_track_take(p, err) : 0;
}

/* After something went wrong: at first hardly, then ever longer. */
static void
pause_do(struct accounts_port *p)
{
	struct pollfd fd = {.fd = p->stop_pipe[0], .events = POLLIN};
	struct accounts_times *t = &p->times;
	int64_t retry_ms = p->link.target.conf.retry_ms;
	int64_t max_ms = retry_ms > PAUSE_MAX_MS ? retry_ms : PAUSE_MAX_MS;

	if (t->pause_ms == 0)
		t->pause_ms = PAUSE_FIRST_MS;
	else if (t->pause_ms < retry_ms)
		t->pause_ms = retry_ms;
	else
		t->pause_ms = 2 * t->pause_ms < max_ms ? 2 * t->pause_ms : max_ms;
	(void)poll(&fd, 1, (int)t->pause_ms);
}

static int
thread_step(struct accounts_port *p, struct err *err)
{
	struct accounts_times *t = &p->times;

	if (!redis_conn_is_open(&p->link.data) && connect_all(p, err) != 0)
		return -1;
	if (accounts_ping(p, err) != 0)
		return -1;
	if (deadline_passed(t->refresh_at) && refresh(p, err) != 0)
		return -1;
	if (is_set(t->settle_at) && deadline_passed(t->settle_at) && round_do(p, err) != 0)
		return -1;
	missing_tell(p);
	accounts_reap(p);
	return wait_for_news(p, err);
}

void *
accounts_main(void *arg)
{
	struct accounts_port *p = arg;

	while (!accounts_is_stopping(p)) {
		struct err err;

		if (thread_step(p, &err) == 0)
			continue;
		accounts_link_close(p);
		accounts_reap(p);
		if (!accounts_is_stopping(p))
			pause_do(p);
	}
	accounts_link_close(p);
	return NULL;
}
