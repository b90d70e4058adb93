/*
 * store_admin_webhook.h - more of store_admin.h: which events are to be sent to an account's webhook,
 * and what became of them. Any number of consumers, on any hosts, share the work.
 *
 * An event is read from the account's stream by the consumer group `webhooks`, and stays pending
 * there until it is settled; PREFIXhook:{ACCOUNT}:due says when it is somebody's turn again. What is
 * taken is ours for lease_ms, and then due again: whoever dies with it loses nothing. So an event may
 * come more than once, never not at all: what cannot be sent ends in the list PREFIXhook:{ACCOUNT}:dead,
 * which names the event's entry in the stream and holds no copy of it.
 */
#ifndef IO_STORE_ADMIN_WEBHOOK_H
#define IO_STORE_ADMIN_WEBHOOK_H

#include "io/store_admin.h"
#include "policy/account.h"

/* "1795238206123-0", and the NUL. */
#define STORE_WEBHOOK_ENTRY_BYTES 48

/* In one take. */
#define STORE_WEBHOOK_TAKE_MAX 100

struct store_webhook_terms {
	const struct account *account;
	const char *consumer; /* a name for people */
	int64_t lease_ms;
	int64_t backlog_ms; /* of events from before the webhook was first seen */
	int64_t keep_dead;
};

struct store_webhook_batch {
	size_t n;
	bool more;    /* there may be more at once */
	int64_t gone; /* were due, and are kept no more: in the dead list */
	int64_t lost; /* went from the stream before anybody read them */
	void *answer;
};

/* Takes up to `wanted`. first: this consumer's first time with that account. 0 with a batch that must
 * be freed, or -1. */
int store_admin_webhook_take(struct store_admin *admin, const struct store_webhook_terms *terms,
    size_t wanted, bool first, struct store_webhook_batch *batch_r, struct err *err);

/* The i-th: its entry in the stream, the how-manieth try this is, and its fields. */
void store_webhook_batch_at(const struct store_webhook_batch *batch, size_t i,
    struct slice *entry_r, int64_t *tries_r, struct record *event_r);
void store_webhook_batch_free(struct store_webhook_batch *batch);

enum store_webhook_settled { WEBHOOK_DELIVERED, WEBHOOK_AGAIN, WEBHOOK_DEAD };

struct store_webhook_outcome {
	enum store_webhook_settled settled;
	const char *account;
	const char *entry;
	int64_t tries;
	int64_t delay_ms;   /* AGAIN */
	const char *reason; /* AGAIN, DEAD */
	int64_t keep_dead, retention_s;
};

int store_admin_webhook_settle(
    struct store_admin *admin, const struct store_webhook_outcome *outcome, struct err *err);

/* --- for people --- */

struct store_webhook_state {
	bool seen;       /* a consumer knows of it */
	int64_t unread;  /* events nobody took yet; -1: this Redis does not say */
	int64_t waiting; /* taken, and not settled */
	int64_t dead;    /* in the list */
	int64_t delivered, failed, died, lost; /* events, tries, events, events; of all time */
	int64_t delivered_at_s, error_at_s;    /* 0: never */
	char error[160];
};
int store_admin_webhook_state(struct store_admin *admin, const char *account,
    struct store_webhook_state *state_r, struct err *err);

struct store_webhook_dead {
	char name[STORE_WEBHOOK_ENTRY_BYTES];  /* its place in the list, for retry and drop */
	char entry[STORE_WEBHOOK_ENTRY_BYTES]; /* the event */
	int64_t tries, time_s;
	char reason[160];
	char type[32]; /* "": the event is kept no more */
	char msg[32];  /* the message it is about, or "" */
};

/* Calls do_it() for each of the list, the oldest first, until it returns anything but 0: that, or
 * -1. It may ask the store, and retry or drop. */
typedef int store_webhook_dead_do(
    void *arg, const struct store_webhook_dead *dead, struct err *err);
int store_admin_webhook_dead(struct store_admin *admin, const char *account,
    store_webhook_dead_do *do_it, void *arg, struct err *err);

/* Puts one of the list back to be tried, from the beginning; takes one off it. 1, 0 when there is no
 * such, or its event is kept no more, or -1. */
int store_admin_webhook_retry(
    struct store_admin *admin, const char *account, const char *name, struct err *err);
int store_admin_webhook_drop(
    struct store_admin *admin, const char *account, const char *name, struct err *err);

#endif
