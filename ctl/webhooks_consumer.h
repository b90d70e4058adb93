/*
 * webhooks_consumer.h - what `gatepostctl webhooks run` does, turn by turn: takes events of the
 * accounts that have a webhook, posts them, and settles what became of them.
 *
 * Accounts take turns, each with a few deliveries at once, or with one as long as its last was no
 * success; those that failed have half of all deliveries together, and who fails again and again
 * pauses. So nobody's receiver holds up another's.
 *
 * While Redis is away nothing is taken, and what has ended waits for it. Other consumers may run, here
 * and elsewhere. One thread; the signal SIGPIPE must be ignored.
 */
#ifndef CTL_WEBHOOKS_CONSUMER_H
#define CTL_WEBHOOKS_CONSUMER_H

#include "conf/conf.h"

struct webhooks_consumer;

/* conf must outlive it. Redis need not be there. NULL with the reason. */
struct webhooks_consumer *webhooks_consumer_new(const struct conf *conf, struct err *err);

/* One turn; waits up to so many ms when there is nothing to do. */
void webhooks_consumer_turn(struct webhooks_consumer *consumer, int64_t wait_ms);

/* From now on nothing is taken. */
void webhooks_consumer_stop(struct webhooks_consumer *consumer);

/* Nothing is being delivered, or waits to be settled. */
bool webhooks_consumer_is_idle(const struct webhooks_consumer *consumer);

/* Breaks off what is being delivered: it is due again later. NULL is allowed. */
void webhooks_consumer_free(struct webhooks_consumer *consumer);

#endif
