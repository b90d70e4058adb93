/*
 * fake_store.h - the in-process store with a switch: down, it fails as Redis does when it is away.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "policy/ports.h"

/* A store over store_memory with that clock; NULL when there is no memory. */
struct store *fake_store_new(const struct clock_port *clock);
void fake_store_free(struct store *store);

/* While down, grey_step, send_step, sent and returned fail at once with ERR_UNAVAILABLE. */
void fake_store_set_down(struct store *store, bool down);

/* 0, or -1 when the entry is none for that list. */
int fake_store_list_add(struct store *store, enum store_list list, const char *entry);

/* The counter, summed over all hours. */
int64_t fake_store_stat(struct store *store, unsigned stat);

/* The decision record kept last, until the next one; NULL: none so far. And how many there were. */
const struct record *fake_store_record(struct store *store);
size_t fake_store_records(struct store *store);

/* How many events there were; the i-th, from 0, of those kept (the first FAKE_EVENTS_MAX), or NULL. */
#define FAKE_EVENTS_MAX    64
#define FAKE_ACCOUNT_BYTES 40
size_t fake_store_events(struct store *store);
const struct event *fake_store_event(struct store *store, size_t i);

/* The same for messages: their events, their recipients as "a@x b@y", and for how long. */
struct fake_message {
	struct event sent;
	char account[FAKE_ACCOUNT_BYTES];
	char rcpts[2000];
	size_t nrcpts;
	int64_t ttl_s;
};
size_t fake_store_messages(struct store *store);
const struct fake_message *fake_store_message(struct store *store, size_t i);

/* Suppresses the recipient for an account, or "*"; entry as in Redis, "bounced 3 1 2 0", or "" for no
 * more. 0, or -1. */
int fake_store_suppress(
    struct store *store, const char *account, const char *rcpt, const char *entry);

#endif
