/*
 * store_admin_stream.h - a stream of records read in pages; for store_admin_verdicts.c and
 * store_admin_events.c, nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_STREAM_H
#define IO_STORE_ADMIN_STREAM_H

#include "io/store_admin_parts.h"

/* The name of an entry: the milliseconds when Redis took it, and a number within them. */
struct stream_id {
	uint64_t ms;
	uint64_t seq;
};

struct store_stream {
	struct store_admin *admin;
	bool forward;
	struct stream_id next; /* where the next page begins */
	struct stream_id last; /* the end, included */
	bool ended;            /* there is no page after this one */
	unsigned page_entries; /* in one round trip */
	bool ahead; /* ask for a page while the one before is read: for who asks nothing else */
	bool asked; /* an answer is on its way */
	redisReply *page;
	size_t at; /* the element of the page that is next */
	char key[REDIS_KEY_BYTES];
	size_t key_n;
};

/* From the milliseconds `from_ms` to `until_ms` (INT64_MAX: to the end), both included, newest first
 * unless `forward`. */
void store_stream_init(struct store_stream *stream, struct store_admin *admin, struct slice key);
void store_stream_range(
    struct store_stream *stream, int64_t from_ms, int64_t until_ms, bool forward);
void store_stream_fini(struct store_stream *stream);

/* 1 with the next entry as Redis has it, [id, [name, value, ...]], which stands until the next call,
 * and when it was kept; 0 at the end, or -1. */
int store_stream_entry(
    struct store_stream *stream, const redisReply **entry_r, int64_t *kept_ms_r, struct err *err);

/* The same as a record. */
int store_stream_next(
    struct store_stream *stream, struct record *record_r, int64_t *kept_ms_r, struct err *err);

/* Fields and values in turn, those that records know; each once. */
void store_record_fill(struct record *record, const redisReply *fields);

#endif
