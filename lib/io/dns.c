/*
 * dns.c - see dns.h: batches of questions, and who waits for them.
 */
#include "io/dns.h"

#include "io/deadline.h"
#include "io/dns_port.h"
#include "io/dns_result.h"
#include "io/entropy.h"
#include "io/monotonic_cond.h"

#include <assert.h>
#include <stdlib.h>

/* A question of a batch. */
struct dns_waiter {
	struct dns_entry *entry;
	struct dns_waiter *next; /* of those who wait for the same entry */
	struct dns_batch *batch;
};

struct dns_batch {
	pthread_cond_t answered; /* fresh became true */
	bool fresh;              /* something was answered since the last wait */
	bool late;               /* somebody waited in vain, and that was counted */
	size_t pending;
	size_t n;
	struct dns_waiter waiters[DNS_BATCH_MAX]; /* not cleared: only n of them are there */
};

static const struct dns_answer answer_pending = {.status = DNS_PENDING};

static struct dns_unbound *
self_of(struct dns *dns)
{
	return (struct dns_unbound *)(void *)dns;
}

int64_t
dns_now_ms(void)
{
	return deadline_now_us() / 1000;
}

static struct dns_batch *
port_begin(struct dns *dns)
{
	struct dns_batch *batch = malloc(sizeof(*batch));

	(void)dns;
	if (batch == NULL || monotonic_cond_init(&batch->answered) != 0) {
		free(batch);
		return NULL;
	}
	batch->fresh = false;
	batch->late = false;
	batch->pending = 0;
	batch->n = 0;
	return batch;
}

/* The question's index, or DNS_ASK_FULL for none. Without the lock: what it looks at only the thread
 * that has the batch changes. */
static int
batch_find(const struct dns_batch *batch, struct slice name, enum dns_type type)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (dns_entry_is(batch->waiters[i].entry, name, type))
			return (int)i;
	}
	return DNS_ASK_FULL;
}

/* The sockets that slow questions leave. The list is walked once in 10 ms at most. */
static size_t
sockets_left(struct dns_unbound *self, int64_t now_ms)
{
	const struct dns_entry *entry = self->cache.flight.oldest;
	size_t slow = 0;

	if (now_ms < self->slow_ms + 10)
		return DNS_SOCKETS - self->slow;
	while (slow < DNS_SOCKETS && entry != NULL && entry->at_ms < now_ms - DNS_SLOW_MS) {
		entry = entry->newer;
		slow++;
	}
	self->slow = slow;
	self->slow_ms = now_ms;
	return DNS_SOCKETS - slow;
}

/* Is there room for one more question of this batch on the way? See DNS_BATCH_SHARE. */
static bool
flight_has_room(struct dns_unbound *self, const struct dns_batch *batch, int64_t now_ms)
{
	size_t n = self->cache.flight.n;

	if (n < DNS_SOCKETS / 2)
		return true;
	return n < DNS_FLIGHT_MAX && batch->pending * DNS_BATCH_SHARE < sockets_left(self, now_ms);
}

/* The entry of the question, kept, in flight or new, with a reference; or NULL. With the lock. */
static struct dns_entry *
entry_get(
    struct dns_unbound *self, const struct dns_batch *batch, struct slice name, enum dns_type type)
{
	int64_t now_ms = dns_now_ms();
	struct dns_entry *entry = dns_cache_find(&self->cache, name, type, now_ms);

	self->counts.asked++;
	if (entry != NULL) {
		if (entry->settled)
			self->counts.kept++;
		else
			self->counts.joined++;
		return entry;
	}
	if (flight_has_room(self, batch, now_ms))
		entry = dns_cache_add(&self->cache, name, type, now_ms);
	if (entry == NULL)
		self->counts.refused++;
	else
		dns_thread_submit(self, entry);
	return entry;
}

static int
batch_add(struct dns_batch *batch, struct dns_entry *entry)
{
	struct dns_waiter *waiter = &batch->waiters[batch->n];

	*waiter = (struct dns_waiter){entry, NULL, batch};
	if (!entry->settled) {
		waiter->next = entry->waiters;
		entry->waiters = waiter;
		batch->pending++;
	}
	return (int)batch->n++;
}

static int
port_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	struct dns_unbound *self = self_of(dns);
	char storage[DNS_NAME_MAX_BYTES];
	struct buf normal = BUF_OVER(storage);
	struct dns_entry *entry;
	int index;

	if (dns_name_question(name, &normal) != 0)
		return DNS_ASK_NO_NAME;
	index = batch_find(batch, buf_slice(&normal), type);
	if (index >= 0 || batch->n == DNS_BATCH_MAX)
		return index;
	(void)pthread_mutex_lock(&self->lock);
	entry = entry_get(self, batch, buf_slice(&normal), type);
	if (entry != NULL)
		index = batch_add(batch, entry);
	(void)pthread_mutex_unlock(&self->lock);
	return index;
}

/* Counts questions in a row that found no answer; tells of the resolver being lost, or found again.
 * With the lock. */
static void
failures_count(struct dns_unbound *self, bool failed, const char *why)
{
	bool down = self->failures >= DNS_DOWN_AFTER;
	bool changes = failed ? self->failures + 1 == DNS_DOWN_AFTER : down;

	self->failures = !failed ? 0 : down ? self->failures : self->failures + 1;
	if (changes && self->notify.changed != NULL)
		self->notify.changed(self->notify.arg, !failed, failed ? why : "it answers again");
}

static bool
port_wait(struct dns *dns, struct dns_batch *batch, int64_t until_ms)
{
	struct dns_unbound *self = self_of(dns);
	int64_t latest_us = INT64_MAX / 1000;
	struct timespec until = deadline_timespec(
	    (struct deadline){until_ms < 0           ? 0
			      : until_ms < latest_us ? until_ms * 1000
						     : latest_us});
	int status = 0;
	bool fresh;

	(void)pthread_mutex_lock(&self->lock);
	while (!batch->fresh && batch->pending > 0 && status == 0)
		status = pthread_cond_timedwait(&batch->answered, &self->lock, &until);
	if (status != 0 && !batch->late) {
		batch->late = true;
		failures_count(self, true, "no answer in time");
	}
	fresh = batch->fresh;
	batch->fresh = false;
	(void)pthread_mutex_unlock(&self->lock);
	return fresh;
}

static const struct dns_answer *
port_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	const struct dns_entry *entry;

	(void)dns;
	assert(index >= 0 && (size_t)index < batch->n);
	entry = batch->waiters[index].entry;
	if (!atomic_load_explicit(&entry->settled, memory_order_acquire))
		return &answer_pending;
	return &entry->answer;
}

static void
waiter_leave(struct dns_waiter *waiter)
{
	struct dns_entry *entry = waiter->entry;
	struct dns_waiter **at = &entry->waiters;

	if (!entry->settled) {
		while (*at != waiter)
			at = &(*at)->next;
		*at = waiter->next;
	}
	dns_entry_release(entry);
}

static void
port_end(struct dns *dns, struct dns_batch *batch)
{
	struct dns_unbound *self = self_of(dns);

	if (batch == NULL)
		return;
	(void)pthread_mutex_lock(&self->lock);
	for (size_t i = 0; i < batch->n; i++)
		waiter_leave(&batch->waiters[i]);
	(void)pthread_mutex_unlock(&self->lock);
	(void)pthread_cond_destroy(&batch->answered);
	free(batch);
}

void
dns_port_settle(struct dns_unbound *self, struct dns_entry *entry, const struct dns_answer *answer,
    size_t bytes, const char *why)
{
	struct dns_waiter *waiter = entry->waiters;

	/* From here on, only those who wait hold the entry. */
	dns_cache_settle(
	    &self->cache, entry, answer, bytes, dns_answer_until_ms(answer, dns_now_ms()));
	for (; waiter != NULL; waiter = waiter->next) {
		waiter->batch->pending--;
		waiter->batch->fresh = true;
		(void)pthread_cond_signal(&waiter->batch->answered);
	}
	self->counts.failed += answer->status == DNS_TEMPERROR;
	failures_count(self, answer->status == DNS_TEMPERROR, why);
}

struct dns *
dns_unbound_new(const struct dns_conf *conf, const struct dns_notify *notify, struct err *err)
{
	struct dns_unbound *self = calloc(1, sizeof(*self));
	uint64_t secret[2];

	if (self == NULL) {
		(void)err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	if (entropy_read(secret, sizeof(secret), err) != 0) {
		free(self);
		return NULL;
	}
	if (dns_settings_init(&self->settings, conf, err) != 0) {
		free(self);
		return NULL;
	}
	if (dns_cache_init(&self->cache, (size_t)conf->cache, secret, self) != 0) {
		free(self);
		(void)err_set(
		    err, ERR_NOMEM, "no memory for %lld DNS answers", (long long)conf->cache);
		return NULL;
	}
	self->port = (struct dns){port_begin, port_ask, port_wait, port_answer, port_end};
	if (notify != NULL)
		self->notify = *notify;
	(void)pthread_mutex_init(&self->lock, NULL);
	return &self->port;
}

void
dns_unbound_free(struct dns *dns)
{
	struct dns_unbound *self = self_of(dns);

	if (dns == NULL)
		return;
	dns_thread_stop(self);
	dns_cache_fini(&self->cache);
	(void)pthread_mutex_destroy(&self->lock);
	free(self);
}

void
dns_unbound_counts(struct dns *dns, struct dns_counts *counts_r)
{
	struct dns_unbound *self = self_of(dns);

	(void)pthread_mutex_lock(&self->lock);
	*counts_r = self->counts;
	(void)pthread_mutex_unlock(&self->lock);
}
