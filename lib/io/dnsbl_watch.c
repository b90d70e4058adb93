/*
 * dnsbl_watch.c - see dnsbl_port.h: what the thread looks after.
 */
#include "io/dnsbl_port_parts.h"

#define STEP_MS   250   /* so soon sees a thread that waits for DNS that it is to stop */
#define CANARY_MS 5000  /* an answer after that is none */
#define NOTE_MS   10000 /* between two notes to the store, when there is something new */
#define FRESH_MS  60000 /* … and when there is not */

static void
switches_read(struct dnsbl_zones *self)
{
	struct store *store = self->setup.store;

	for (size_t i = 0; i < self->n; i++) {
		struct slice name = slice_of(self->setup.table->zones[i].name);
		bool on = !store->has_name(store, STORE_DNSBL_OFF, name);
		struct dnsbl_told told;

		(void)pthread_mutex_lock(&self->lock);
		dnsbl_zones_changed(self, i,
		    dnsbl_health_switch(&self->zones[i].health, on, dnsbl_zones_now(self)), &told);
		(void)pthread_mutex_unlock(&self->lock);
		dnsbl_zones_tell(self, &told);
	}
}

/* Chooses the zones whose canaries are due. */
static void
canaries_begin(struct dnsbl_zones *self)
{
	struct dnsbl_time now = dnsbl_zones_now(self);
	size_t due = 0;

	(void)pthread_mutex_lock(&self->lock);
	for (size_t i = 0; i < self->n; i++) {
		self->zones[i].asked = dnsbl_health_due(&self->zones[i].health, now.mono_ms);
		due += self->zones[i].asked;
	}
	(void)pthread_mutex_unlock(&self->lock);
	if (due == 0)
		return;
	self->asking = true;
	self->asked_ms = now.mono_ms;
	lookup_init(&self->lookup, self->setup.dns, now.mono_ms + CANARY_MS);
}

static void
canary_take(struct dnsbl_zones *self, size_t i, struct dnsbl_canary *canary)
{
	struct dnsbl_watched *z = &self->zones[i];
	struct dnsbl_time now = dnsbl_zones_now(self);
	struct dnsbl_told told;

	z->asked = false;
	canary->ms = now.mono_ms - self->asked_ms;
	(void)pthread_mutex_lock(&self->lock);
	dnsbl_zones_changed(
	    self, i, dnsbl_health_canary(&z->health, &z->limits, canary, now), &told);
	(void)pthread_mutex_unlock(&self->lock);
	dnsbl_zones_tell(self, &told);
}

/* Waits for a while, or until one more is answered. */
static void
canaries_wait(struct dnsbl_zones *self)
{
	struct dns *dns = self->setup.dns;
	int64_t step_ms = dnsbl_zones_now(self).mono_ms + STEP_MS;
	int64_t until_ms = self->lookup.until_ms;

	(void)dns->wait(dns, self->lookup.batch, step_ms < until_ms ? step_ms : until_ms);
	if (dnsbl_zones_now(self).mono_ms >= until_ms)
		self->lookup.over = true;
}

/* Takes what is answered, and waits for the rest. True: there is a rest. */
static bool
canaries_step(struct dnsbl_zones *self)
{
	size_t open = 0;

	for (size_t i = 0; i < self->n; i++) {
		struct dnsbl_canary canary;

		if (!self->zones[i].asked)
			continue;
		if (dnsbl_canary_advance(&canary, &self->setup.table->zones[i], &self->lookup))
			canary_take(self, i, &canary);
		else
			open++;
	}
	if (open > 0) {
		canaries_wait(self);
		return true;
	}
	lookup_fini(&self->lookup);
	self->asking = false;
	return false;
}

/* ---- notes to the store ---- */

static bool
counts_any(const struct dnsbl_counts *c)
{
	return (c->asked | c->listed | c->decided | c->errors | c->timeouts) != 0;
}

static void
text_copy(char *out, size_t room, const char *text)
{
	struct buf to;

	buf_init(&to, out, room);
	buf_add_text(&to, text);
	(void)buf_text(&to);
}

/* With the lock: takes the counts. */
static void
note_make(struct dnsbl_zones *self, size_t i, struct dnsbl_time now, struct dnsbl_note *note_r)
{
	struct dnsbl_watched *z = &self->zones[i];
	struct dnsbl_health *h = &z->health;

	*note_r = (struct dnsbl_note){.since_s = h->since_s,
	    .seen_s = now.unix_s,
	    .ms = h->answer_ms < 0 ? -1 : h->answer_ms / 8,
	    .error_s = h->error_s,
	    .added = h->counts};
	text_copy(note_r->name, sizeof(note_r->name), self->setup.table->zones[i].name);
	text_copy(note_r->host, sizeof(note_r->host), self->host);
	text_copy(note_r->error, sizeof(note_r->error), h->error);
	if (!self->retired) {
		note_r->state = dnsbl_state_name(h->state);
		note_r->reason = dnsbl_reason_name(h->reason);
	}
	h->counts = (struct dnsbl_counts){0};
	z->changed = false;
	z->noted_ms = now.mono_ms;
}

void
dnsbl_zones_note(struct dnsbl_zones *self, bool all)
{
	struct store *store = self->setup.store;
	struct dnsbl_time now = dnsbl_zones_now(self);

	for (size_t i = 0; i < self->n; i++) {
		struct dnsbl_watched *z = &self->zones[i];
		int64_t age_ms = now.mono_ms - z->noted_ms;
		struct dnsbl_note note;
		bool write;

		(void)pthread_mutex_lock(&self->lock);
		write = z->changed || (counts_any(&z->health.counts) && age_ms >= NOTE_MS) ||
			(age_ms >= FRESH_MS && !self->retired) || all;
		if (write)
			note_make(self, i, now, &note);
		(void)pthread_mutex_unlock(&self->lock);
		if (write)
			store->note_zone(store, &note);
	}
}

bool
dnsbl_port_tick(struct dnsbl_port *port)
{
	struct dnsbl_zones *self = dnsbl_zones_of(port);
	bool more = false;

	if (!dnsbl_zones_flag(self, &self->retired)) {
		switches_read(self);
		if (!self->asking)
			canaries_begin(self);
		if (self->asking)
			more = canaries_step(self);
	}
	dnsbl_zones_note(self, false);
	return more;
}
