/*
 * dnsbl_port.c - see dnsbl_port.h.
 */
#include "io/dnsbl_port_parts.h"

#include "io/deadline.h"
#include "io/monotonic_cond.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define TICK_MS 1000 /* between two looks at the switches */

struct dnsbl_time
dnsbl_zones_now(const struct dnsbl_zones *self)
{
	const struct clock_port *clock = self->setup.clock;

	return (struct dnsbl_time){clock->now_s(clock), clock->mono_ms(clock)};
}

void
dnsbl_zones_changed(struct dnsbl_zones *self, size_t i, bool changed, struct dnsbl_told *told_r)
{
	struct dnsbl_watched *z = &self->zones[i];
	struct buf detail = BUF_OVER(told_r->detail);

	told_r->changed = changed;
	if (!changed)
		return;
	z->changed = true;
	atomic_store_explicit(&z->usable, z->health.state == DNSBL_STATE_OK, memory_order_release);
	if (z->health.state == DNSBL_STATE_SUSPENDED)
		buf_add_text(&detail, z->health.error);
	told_r->change = (struct dnsbl_change){self->setup.table->zones[i].name,
	    dnsbl_state_name(z->health.state), dnsbl_reason_name(z->health.reason),
	    buf_text(&detail)};
}

void
dnsbl_zones_tell(const struct dnsbl_zones *self, const struct dnsbl_told *told)
{
	if (told->changed && self->setup.notify.changed != NULL)
		self->setup.notify.changed(self->setup.notify.arg, &told->change);
}

bool
dnsbl_zones_flag(struct dnsbl_zones *self, const bool *flag)
{
	bool set;

	(void)pthread_mutex_lock(&self->lock);
	set = *flag;
	(void)pthread_mutex_unlock(&self->lock);
	return set;
}

/* ---- the port ---- */

static bool
port_usable(struct dnsbl_port *port, size_t zone)
{
	return atomic_load_explicit(
	    &dnsbl_zones_of(port)->zones[zone].usable, memory_order_acquire);
}

static void
port_report(struct dnsbl_port *port, size_t zone, const struct dnsbl_report *report)
{
	struct dnsbl_zones *self = dnsbl_zones_of(port);
	struct dnsbl_watched *z = &self->zones[zone];
	struct dnsbl_time now = dnsbl_zones_now(self);
	struct dnsbl_told told;

	(void)pthread_mutex_lock(&self->lock);
	dnsbl_zones_changed(
	    self, zone, dnsbl_health_report(&z->health, &z->limits, report, now), &told);
	(void)pthread_mutex_unlock(&self->lock);
	dnsbl_zones_tell(self, &told);
}

static void
port_decided(struct dnsbl_port *port, size_t zone)
{
	struct dnsbl_zones *self = dnsbl_zones_of(port);

	(void)pthread_mutex_lock(&self->lock);
	self->zones[zone].health.counts.decided++;
	(void)pthread_mutex_unlock(&self->lock);
}

static void *
port_main(void *arg)
{
	struct dnsbl_zones *self = arg;

	while (!dnsbl_zones_flag(self, &self->stopping)) {
		struct timespec at;

		if (dnsbl_port_tick(&self->port))
			continue;
		at = deadline_timespec(deadline_in_ms(TICK_MS));
		(void)pthread_mutex_lock(&self->lock);
		if (!self->stopping)
			(void)pthread_cond_timedwait(&self->wake, &self->lock, &at);
		(void)pthread_mutex_unlock(&self->lock);
	}
	return NULL;
}

/* ---- life ---- */

/* Goes on with what the port of the configuration before knew. */
static void
take_over(struct dnsbl_zones *self, struct dnsbl_zones *before)
{
	(void)pthread_mutex_lock(&before->lock);
	for (size_t i = 0; i < self->n; i++) {
		const struct dnsbl_zone *z = &self->setup.table->zones[i];
		size_t k = dnsbl_table_find(before->setup.table, slice_of(z->name));

		if (k == before->n || !slice_eq(before->setup.table->zones[k].zone, z->zone) ||
		    before->setup.table->zones[k].domains != z->domains)
			continue;
		self->zones[i].health = before->zones[k].health;
		before->zones[k].health.counts = (struct dnsbl_counts){0};
		atomic_store(&self->zones[i].usable, self->zones[i].health.state == DNSBL_STATE_OK);
	}
	(void)pthread_mutex_unlock(&before->lock);
}

static void
retire(struct dnsbl_zones *self)
{
	(void)pthread_mutex_lock(&self->lock);
	self->retired = true;
	(void)pthread_mutex_unlock(&self->lock);
}

struct dnsbl_port *
dnsbl_port_new(const struct dnsbl_setup *setup, struct dnsbl_port *before, struct err *err)
{
	size_t n = setup->table->n;
	struct dnsbl_zones *self = calloc(1, sizeof(*self) + n * sizeof(self->zones[0]));

	if (self == NULL || monotonic_cond_init(&self->wake) != 0) {
		free(self);
		(void)err_set(err, ERR_NOMEM, "no memory for the DNS lists");
		return NULL;
	}
	self->port = (struct dnsbl_port){port_usable, port_report, port_decided};
	self->setup = *setup;
	self->setup.limits = NULL;
	self->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	self->n = n;
	if (gethostname(self->host, sizeof(self->host) - 1) != 0)
		self->host[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		dnsbl_health_init(&self->zones[i].health, dnsbl_zones_now(self));
		self->zones[i].limits = setup->limits[i];
		self->zones[i].changed = true;
	}
	self->before = before == NULL ? NULL : dnsbl_zones_of(before);
	if (before != NULL)
		take_over(self, self->before);
	return &self->port;
}

int
dnsbl_port_start(struct dnsbl_port *port, struct err *err)
{
	struct dnsbl_zones *self = dnsbl_zones_of(port);
	sigset_t all, before;
	int status;

	/* signals are for the threads that wait for them */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&self->thread, NULL, port_main, self);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (status != 0)
		return err_set(err, ERR_NOMEM, "cannot start the thread of the DNS lists");
	self->started = true;
	if (self->before != NULL)
		retire(self->before);
	self->before = NULL;
	return 0;
}

enum dnsbl_state
dnsbl_port_state(struct dnsbl_port *port, size_t zone)
{
	struct dnsbl_zones *self = dnsbl_zones_of(port);
	enum dnsbl_state state;

	(void)pthread_mutex_lock(&self->lock);
	state = self->zones[zone].health.state;
	(void)pthread_mutex_unlock(&self->lock);
	return state;
}

void
dnsbl_port_warm(struct dnsbl_port *port, int64_t ms)
{
	static const struct timespec pause = {0, 2000000};
	struct deadline until = deadline_in_ms(ms);
	size_t i = 0;

	while (i < dnsbl_zones_of(port)->n && !deadline_passed(until)) {
		if (dnsbl_port_state(port, i) != DNSBL_STATE_UNTESTED)
			i++;
		else
			(void)nanosleep(&pause, NULL);
	}
}

void
dnsbl_port_free(struct dnsbl_port *port)
{
	struct dnsbl_zones *self = dnsbl_zones_of(port);

	if (port == NULL)
		return;
	(void)pthread_mutex_lock(&self->lock);
	self->stopping = true;
	(void)pthread_cond_signal(&self->wake);
	(void)pthread_mutex_unlock(&self->lock);
	if (self->started)
		(void)pthread_join(self->thread, NULL);
	if (self->asking)
		lookup_fini(&self->lookup);
	dnsbl_zones_note(self, true);
	(void)pthread_cond_destroy(&self->wake);
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
}
