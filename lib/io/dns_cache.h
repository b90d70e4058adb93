/*
 * dns_cache.h - the answers that we keep, and the questions that are on their way: one table.
 *
 * An entry is one question. While it is in flight, everybody who asks the same waits for the same
 * entry; when it is settled, its answer never changes, and is found until its time is over. An
 * entry is counted: the table holds one reference, each who waits or reads another, so that an
 * answer may be read without a lock after the table has dropped it.
 *
 * Nothing here locks, asks or knows the time.
 */
#ifndef IO_DNS_CACHE_H
#define IO_DNS_CACHE_H

#include "policy/dns.h"

#include <stdatomic.h>

/* An answer longer than this is not kept when its readers are done: a hundred thousand long TXT
 * records that somebody wants us to read must not become our memory. */
#define DNS_CACHE_ANSWER_BYTES 2048

struct dns_waiter; /* who is to be told; the port's business */

struct dns_entry {
	struct dns_entry *chain;         /* the next of the same bucket */
	struct dns_entry *newer, *older; /* in the list where it is */
	struct dns_waiter *waiters;
	void *owner; /* of the cache */
	struct dns_answer answer;
	int64_t at_ms; /* in flight: since when; settled: until when it is good */
	unsigned refs;
	uint64_t hash;
	enum dns_type type;
	atomic_bool settled; /* answer is there: who holds a reference may look without a lock */
	unsigned char name_n;
	char name[]; /* normalised, ends in NUL */
};

/* Both ends of a list; the newest is at the front. */
struct dns_list {
	struct dns_entry *newest, *oldest;
	size_t n;
};

struct dns_cache {
	struct dns_entry **buckets;
	size_t mask;
	uint64_t secret[2]; /* of the hash: strangers choose the names */
	size_t max_kept;
	struct dns_list kept;   /* settled, the least recently used is the oldest */
	struct dns_list flight; /* in flight, in the order of asking */
	void *owner;
};

/* Room for max_kept settled entries (0: none is kept). 0, or -1 when there is no memory. */
int dns_cache_init(struct dns_cache *cache, size_t max_kept, const uint64_t secret[2], void *owner);

/* Drops everything; nobody may hold a reference. */
void dns_cache_fini(struct dns_cache *cache);

/* The entry of that question (normalised name), in flight or good at now_ms, with a reference for
 * the caller; or NULL. */
struct dns_entry *dns_cache_find(
    struct dns_cache *cache, struct slice name, enum dns_type type, int64_t now_ms);

/* A new entry in flight since now_ms, with a reference for the caller; or NULL. There must be none
 * of that question. */
struct dns_entry *dns_cache_add(
    struct dns_cache *cache, struct slice name, enum dns_type type, int64_t now_ms);

/* The entry lands. answer's rdata is one block from malloc() of `bytes` bytes, or NULL; it becomes
 * the entry's. Good until until_ms. The caller must hold a reference if it reads on. */
void dns_cache_settle(struct dns_cache *cache, struct dns_entry *entry,
    const struct dns_answer *answer, size_t bytes, int64_t until_ms);

/* Gives a reference back. */
void dns_entry_release(struct dns_entry *entry);

bool dns_entry_is(const struct dns_entry *entry, struct slice name, enum dns_type type);

#endif
