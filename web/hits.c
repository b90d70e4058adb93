/*
 * hits.c - see hits.h.
 */
#include "hits.h"

#include "base/siphash.h"
#include "io/clock.h"

static int64_t
now_ms(void)
{
	return clock_real.mono_ms(&clock_real);
}

/* --- bursts --- */

/* One copy of a message; where a copy is not one recipient's, who asks counts, too. */
static uint64_t
burst_key(const struct hit *hit)
{
	uint64_t parts[2] = {hit->ids.account ^ (uint64_t)hit->ids.rcpt << 48, hit->ids.message};
	uint64_t key;

	if (hit->ids.rcpt == 0)
		key = siphash(parts, slice_make((const char *)hit->client.bytes, 16));
	else
		key = (parts[0] * UINT64_C(0x9e3779b97f4a7c15)) ^ parts[1];
	return key != 0 ? key : 1;
}

static struct burst_shard *
shard_of(struct worker *w, uint64_t key)
{
	return &w->web->bursts[key % WEB_BURST_SHARDS];
}

static void
burst_note(struct worker *w, const struct hit *hit, unsigned link, uint64_t key, int64_t when_ms)
{
	struct burst_shard *shard = shard_of(w, key);

	(void)pthread_mutex_lock(&shard->lock);
	hit_burst_note(&shard->table, key, link,
	    hit->kind == HIT_CLICKED && hit->link == HIT_TRAP_LINK, when_ms);
	(void)pthread_mutex_unlock(&shard->lock);
}

static void
burst_look(struct worker *w, struct hit *hit, uint64_t key, int64_t when_ms)
{
	struct burst_shard *shard = shard_of(w, key);

	(void)pthread_mutex_lock(&shard->lock);
	hit->burst = hit_burst_links(&shard->table, key, when_ms, &hit->trapped);
	(void)pthread_mutex_unlock(&shard->lock);
}

/* --- recording --- */

static void
record_as(struct worker *w, const struct account *account, const struct hit *hit)
{
	const struct state *s = atomic_load_explicit(&w->state, memory_order_relaxed);
	struct hit_verdict verdict;
	struct hit_note note = {.hit = hit,
	    .verdict = &verdict,
	    .account = account->name,
	    .privacy = account->privacy,
	    .keyring = &s->keyring,
	    .retention_s = account->retention_s,
	    .keep = s->outbound->events_keep};

	hit_judge(hit, &verdict);
	s->store->hit(s->store, &note);
	meter_add(&w->meters.hits[hit->kind][verdict.who], 1);
}

static void
record(struct worker *w, struct hit *hit, uint64_t key, int64_t when_ms)
{
	const struct account *account = directory_find(&w->directory, hit->ids.account);

	if (account == NULL) {
		meter_add(&w->meters.unknown_account, 1);
		return;
	}
	if (account->privacy == PRIVACY_OFF)
		return;
	burst_look(w, hit, key, when_ms);
	record_as(w, account, hit);
}

static void
first_record(struct worker *w)
{
	const struct held_hit *first = held_first(&w->held);
	struct hit hit = first->hit;

	record(w, &hit, first->key, first->when_ms);
	held_drop(&w->held);
}

void
hits_record(struct worker *w, size_t max, bool all)
{
	const struct state *s = atomic_load_explicit(&w->state, memory_order_relaxed);
	int64_t due_ms = now_ms() - s->web->verdict_delay_ms;
	const struct held_hit *first;

	for (size_t n = 0; n < max && (first = held_first(&w->held)) != NULL; n++) {
		if (!all && first->when_ms > due_ms)
			break;
		first_record(w);
	}
	meter_set(&w->meters.held, w->held.n);
}

void
hits_take(struct worker *w, const struct hit *hit)
{
	const struct state *s = atomic_load_explicit(&w->state, memory_order_relaxed);
	int64_t when_ms = now_ms();
	uint64_t key = burst_key(hit);
	struct hit copy = *hit;

	if (hit->kind == HIT_CLICKED) /* that a pixel is loaded with a click is natural */
		burst_note(w, hit, hit->link, key, when_ms);
	if (s->web->verdict_delay_ms == 0) {
		record(w, &copy, key, when_ms);
		return;
	}
	while (!held_push(&w->held, hit, key, when_ms)) {
		first_record(w);
		meter_add(&w->meters.hurried, 1);
	}
	hits_record(w, 2, false); /* so that they never pile up for a tick */
}

void
hits_note(struct worker *w, const struct hit *hit)
{
	burst_note(w, hit, HIT_BURST_PAGE, burst_key(hit), now_ms());
}

void
hits_unsubscribed(struct worker *w, const struct account *account, const struct hit *hit)
{
	if (account->privacy != PRIVACY_OFF)
		record_as(w, account, hit);
}
