/*
 * store_lists.h - the operators' lists in memory: read by every recipient, replaced whole now and
 * then.
 *
 * An empty list costs its readers one atomic load. A list that is not empty is searched under a
 * read lock; a new one is built beside it, and only the swap of a pointer waits for the readers.
 */
#ifndef IO_STORE_LISTS_H
#define IO_STORE_LISTS_H

#include "mail/address_set.h"
#include "policy/ports.h"

#include <pthread.h>
#include <stdatomic.h>

/* A list longer than this is a mistake, and its memory and reading would hurt. */
#define STORE_LIST_MEMBERS 100000

/* What one list may take in memory. */
#define STORE_LIST_BYTES ((size_t)64 * 1024 * 1024)

struct store_list_content; /* immutable */

struct store_lists {
	pthread_rwlock_t lock;
	struct store_list_content *content[STORE_LISTS]; /* NULL: empty */
	atomic_bool filled[STORE_LISTS];
};

void store_lists_init(struct store_lists *lists);
void store_lists_fini(struct store_lists *lists);

/* Replaces a list by n members, which are copied. Those that are none for that list are left out:
 * returns how many were, err then says why the first. -1 (ERR_NOMEM): the list is as it was. */
int store_lists_set(struct store_lists *lists, enum store_list list, const struct slice *members,
    size_t n, struct err *err);

/* One member as that list wants it: 0, or -1 with what is wrong. */
int store_lists_check(enum store_list list, struct slice member, struct err *err);

bool store_lists_has_network(
    struct store_lists *lists, enum store_list list, const struct net_addr *addr);
bool store_lists_has_address(
    struct store_lists *lists, enum store_list list, const struct address *addr);
bool store_lists_has_name(struct store_lists *lists, enum store_list list, struct slice name);

#endif
