/*
 * redis_lists.h - reading the operators' lists from Redis.
 */
#ifndef IO_REDIS_LISTS_H
#define IO_REDIS_LISTS_H

#include "io/redis_link.h"
#include "io/store_lists.h"

#include <stdatomic.h>

struct redis_lists {
	const struct redis_link *link; /* whose prefix, and who is told */
	struct store_lists *lists;
	struct {
		uint64_t digest; /* of the members read last: unchanged ones are not parsed anew */
		bool read;       /* there was a last time */
		bool warned;     /* about what is wrong with this list */
	} seen[STORE_LISTS];
	atomic_bool complete; /* all of them were read at least once */
};

/* Reads all lists over the connection. What is wrong with a list (too long, members that cannot be
 * understood, no set) is told once to notify, until it was right again. 0, or -1 as in
 * redis_conn.h; lists that were not read stay as they were. */
int redis_lists_refresh(
    struct redis_lists *r, struct redis_conn *conn, struct deadline until, struct err *err);

/* The same for one list. */
int redis_lists_refresh_one(struct redis_lists *r, struct redis_conn *conn, enum store_list list,
    struct deadline until, struct err *err);

#endif
