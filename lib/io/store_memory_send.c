/*
 * store_memory_send.c - see store_memory_send.h.
 */
#include "io/store_memory_send.h"

#include "io/redis_key.h"

#include <stdlib.h>

/* How far the two clocks may be apart: the wall clock says only which second it is. */
#define APART_US (2 * LIMIT_US_PER_S)

/* Keys are those of Redis, without prefix, and the recipient behind them. */
#define ENTRY_KEY_BYTES (REDIS_KEY_BYTES + SUPPRESSION_KEY_BYTES)

struct memory_suppression {
	struct memory_suppression *next;
	struct suppression suppression;
	size_t n;
	char key[];
};

void
memory_send_fini(struct memory_send *send)
{
	while (send->first != NULL) {
		struct memory_suppression *next = send->first->next;

		free(send->first);
		send->first = next;
	}
}

int64_t
memory_send_now(struct memory_send *send, const struct clock_port *clock)
{
	int64_t wall_us = clock->now_s(clock) * LIMIT_US_PER_S;
	int64_t mono_us = clock->mono_ms(clock) * (LIMIT_US_PER_S / 1000);
	int64_t apart_us = mono_us + send->offset_us - wall_us;

	if (apart_us < -APART_US || apart_us > APART_US)
		send->offset_us = wall_us - mono_us;
	return mono_us + send->offset_us;
}

/* --- suppressions --- */

static void
entry_key(struct buf *out, const char *account, const struct address *rcpt)
{
	redis_key_supp(out, "", account);
	suppression_key(rcpt, out);
}

/* The place that points to the entry, or to NULL at the end. */
static struct memory_suppression **
entry_find(struct memory_send *send, struct slice key)
{
	struct memory_suppression **place = &send->first;

	while (*place != NULL && !slice_eq(slice_make((*place)->key, (*place)->n), key))
		place = &(*place)->next;
	return place;
}

int
memory_send_suppress(struct memory_send *send, const char *account, const struct address *rcpt,
    const struct suppression *suppression)
{
	char storage[ENTRY_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	struct memory_suppression **place, *entry;

	entry_key(&key, account, rcpt);
	place = entry_find(send, buf_slice(&key));
	entry = *place;
	if (entry == NULL && suppression->reason == SUPPRESSED_NOT)
		return 0;
	if (entry == NULL) {
		entry = calloc(1, sizeof(*entry) + key.n);
		if (entry == NULL)
			return -1;
		memcpy(entry->key, storage, key.n);
		entry->n = key.n;
		*place = entry;
	}
	entry->suppression = *suppression;
	if (suppression->reason == SUPPRESSED_NOT) {
		*place = entry->next;
		free(entry);
	}
	return 0;
}

/* The i-th recipient's entry of that account, when it is heeded. */
static bool
entry_holds(struct memory_send *send, const struct send_request *request, const char *account,
    size_t i, struct send_step *step)
{
	char storage[ENTRY_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	const struct memory_suppression *entry;

	entry_key(&key, account, request->rcpts[i]);
	entry = *entry_find(send, buf_slice(&key));
	if (entry == NULL || !send_heeds(request, &entry->suppression, step->now_s))
		return false;
	step->suppressed = entry->suppression;
	return true;
}

static bool
is_suppressed(struct memory_send *send, const struct send_request *request, struct send_step *step)
{
	for (size_t i = 0; i < request->nrcpts; i++) {
		bool own = entry_holds(send, request, request->account, i, step);

		if (!own && !entry_holds(send, request, "*", i, step))
			continue;
		step->which = i;
		step->for_all = !own;
		return true;
	}
	return false;
}

/* --- limits --- */

/* The first as limit.h says, the others counted whatever there is. */
static struct limit_step
rate_step(struct limit_bucket *bucket, const struct send_request *request, int64_t now_us)
{
	struct limit_rate behind = {request->rate->interval_us, request->rate->burst, 0};
	struct limit_step step = limit_advance(bucket, now_us, request->rate);
	int64_t left = request->count - 1;

	if (step.outcome != LIMIT_PASS)
		return step;
	while (left > 0 && behind.interval_us > 0 &&
	       limit_advance(bucket, now_us, &behind).outcome == LIMIT_PASS)
		left--;
	bucket->count += left;
	step.count = bucket->count;
	return step;
}

static struct limit_step
warm_step(struct limit_warmth *warmth, const struct send_request *request, int64_t now_us)
{
	struct limit_step step = limit_warm(warmth, now_us, request->ramp, request->more);

	if (step.outcome != LIMIT_PASS)
		return step;
	warmth->count += request->count - 1;
	step.count = warmth->count;
	return step;
}

static int
rate_take(struct memory_table *table, const struct send_request *request, int64_t now_us,
    struct send_step *step, struct limit_bucket *before_r)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	union memory_record *record;

	redis_key_rate(&key, "", request->account);
	record = memory_table_make(table, buf_slice(&key));
	if (record == NULL)
		return -1;
	*before_r = record->bucket;
	step->rate = rate_step(&record->bucket, request, now_us);
	return 0;
}

static int
warm_take(struct memory_table *table, const struct send_request *request, int64_t now_us,
    struct send_step *step)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	union memory_record *record;

	redis_key_warm(&key, "", request->lane);
	record = memory_table_make(table, buf_slice(&key));
	if (record == NULL)
		return -1;
	step->warm = warm_step(&record->warmth, request, now_us);
	return 0;
}

static void
rate_give_back(struct memory_table *table, const struct send_request *request,
    const struct limit_bucket *before)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	union memory_record *record;

	redis_key_rate(&key, "", request->account);
	record = memory_table_find(table, buf_slice(&key));
	if (record != NULL)
		record->bucket = *before;
}

int
memory_send_step(struct memory_send *send, struct memory_table *table,
    const struct send_request *request, int64_t now_us, struct send_step *step_r)
{
	bool limited = send_has_rate(request);
	struct limit_bucket before;

	*step_r = (struct send_step){.now_s = now_us / LIMIT_US_PER_S};
	if (is_suppressed(send, request, step_r))
		return 0;
	if (limited && rate_take(table, request, now_us, step_r, &before) != 0)
		return -1;
	if (!send_has_ramp(request) || step_r->rate.outcome != LIMIT_PASS)
		return 0;
	if (warm_take(table, request, now_us, step_r) != 0)
		return -1;
	if (limited && step_r->warm.outcome != LIMIT_PASS && !request->overflow)
		rate_give_back(table, request, &before);
	return 0;
}
