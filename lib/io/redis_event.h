/*
 * redis_event.h - what is told to Redis for people to read later: decision records, events of
 * accounts, messages. All through the writer's queue; nobody waits.
 */
#ifndef IO_REDIS_EVENT_H
#define IO_REDIS_EVENT_H

#include "io/redis_conn.h"
#include "io/redis_key.h"
#include "io/redis_writer.h"
#include "policy/event.h"
#include "policy/ports.h"

#include <stdatomic.h>

/* The command of a whole record: each word has its length in front, "$8192\r\n", and "\r\n" behind
 * it; names are short. */
#define REDIS_WORD_BYTES 10
#define REDIS_EVENT_COMMAND_BYTES                                                                  \
	(REDIS_KEY_BYTES + 128 + RECORD_BYTES +                                                    \
	    (size_t)RECORD_FIELDS_MAX * (16 + 2 * REDIS_WORD_BYTES))

/* A power of 2. */
#define REDIS_EVENT_SLOTS 256

struct redis_events {
	struct redis_writer *writer;
	/* digest of the script that is called through the queue; "": it is sent whole */
	char hit_sha[REDIS_SHA_BYTES];
	/* which account's stream was aged last, and in which minute: each stream once a minute, or
	 * more often when two accounts share a slot */
	atomic_uint_least64_t aged[REDIS_EVENT_SLOTS];
};

/* XADD to PREFIXverdicts. Gets half of the queue at most. */
void redis_event_record(struct redis_events *events, const struct record *record, int64_t keep);

/* XADD to PREFIXev:{ACCOUNT}; once a minute, EXPIRE and XTRIM by the time of retention. May use all of
 * the queue: an event is what an account is told of its mail. */
void redis_event_add(
    struct redis_events *events, const struct event *event, const struct event_terms *terms);

/* The command of such an event, where nothing is to be aged; and the ageing alone. */
void redis_event_command(
    struct buf *out, struct slice key, int64_t keep, const struct record *record);
void redis_event_age(struct redis_events *events, const char *account, int64_t retention_s);

struct redis_message {
	const struct event *sent;
	const struct address *const *rcpts;
	size_t nrcpts;
	int64_t ttl_s;
};

/* PREFIXmsg:{ACCOUNT}:ID by HSET in parts, and EXPIRE. All of it, or when the queue has no room,
 * nothing, which is counted as one event dropped. */
void redis_event_message(struct redis_events *events, const struct redis_message *message);

#endif
