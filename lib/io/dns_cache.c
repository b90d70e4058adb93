/*
 * dns_cache.c - see dns_cache.h.
 */
#include "io/dns_cache.h"

#include "base/siphash.h"

#include <assert.h>
#include <stdlib.h>

#define BUCKETS_MIN 1024 /* also for what is in flight */

int
dns_cache_init(struct dns_cache *cache, size_t max_kept, const uint64_t secret[2], void *owner)
{
	size_t n = BUCKETS_MIN;

	while (n < max_kept)
		n *= 2;
	*cache = (struct dns_cache){
	    .mask = n - 1, .secret = {secret[0], secret[1]}, .max_kept = max_kept, .owner = owner};
	cache->buckets = calloc(n, sizeof(struct dns_entry *));
	return cache->buckets == NULL ? -1 : 0;
}

static uint64_t
question_hash(const struct dns_cache *cache, struct slice name, enum dns_type type)
{
	return siphash(cache->secret, name) + (uint64_t)type;
}

static void
list_put(struct dns_list *list, struct dns_entry *entry)
{
	entry->newer = NULL;
	entry->older = list->newest;
	if (list->newest != NULL)
		list->newest->newer = entry;
	else
		list->oldest = entry;
	list->newest = entry;
	list->n++;
}

static void
list_take(struct dns_list *list, struct dns_entry *entry)
{
	if (entry->newer != NULL)
		entry->newer->older = entry->older;
	else
		list->newest = entry->older;
	if (entry->older != NULL)
		entry->older->newer = entry->newer;
	else
		list->oldest = entry->newer;
	list->n--;
}

void
dns_entry_release(struct dns_entry *entry)
{
	assert(entry->refs > 0);
	if (--entry->refs > 0)
		return;
	free((void *)entry->answer.rdata);
	free(entry);
}

/* The table lets go of an entry of that list of its own. */
static void
entry_drop(struct dns_cache *cache, struct dns_list *list, struct dns_entry *entry)
{
	struct dns_entry **at = &cache->buckets[entry->hash & cache->mask];

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	list_take(list, entry);
	dns_entry_release(entry);
}

void
dns_cache_fini(struct dns_cache *cache)
{
	while (cache->kept.oldest != NULL)
		entry_drop(cache, &cache->kept, cache->kept.oldest);
	while (cache->flight.oldest != NULL)
		entry_drop(cache, &cache->flight, cache->flight.oldest);
	free(cache->buckets);
	cache->buckets = NULL;
}

bool
dns_entry_is(const struct dns_entry *entry, struct slice name, enum dns_type type)
{
	return entry->type == type && slice_eq(slice_make(entry->name, entry->name_n), name);
}

struct dns_entry *
dns_cache_find(struct dns_cache *cache, struct slice name, enum dns_type type, int64_t now_ms)
{
	uint64_t hash = question_hash(cache, name, type);
	struct dns_entry *entry = cache->buckets[hash & cache->mask];

	while (entry != NULL && (entry->hash != hash || !dns_entry_is(entry, name, type)))
		entry = entry->chain;
	if (entry == NULL)
		return NULL;
	if (entry->settled && entry->at_ms <= now_ms) {
		entry_drop(cache, &cache->kept, entry);
		return NULL;
	}
	if (entry->settled) {
		list_take(&cache->kept, entry);
		list_put(&cache->kept, entry);
	}
	entry->refs++;
	return entry;
}

struct dns_entry *
dns_cache_add(struct dns_cache *cache, struct slice name, enum dns_type type, int64_t now_ms)
{
	struct dns_entry *entry = calloc(1, sizeof(*entry) + name.n + 1);
	struct dns_entry **bucket;

	assert(name.n <= DNS_NAME_MAX_BYTES);
	if (entry == NULL)
		return NULL;
	entry->hash = question_hash(cache, name, type);
	entry->type = type;
	entry->owner = cache->owner;
	entry->at_ms = now_ms;
	entry->name_n = (unsigned char)name.n;
	memcpy(entry->name, name.p, name.n);
	entry->refs = 2; /* the table's, and the caller's */
	bucket = &cache->buckets[entry->hash & cache->mask];
	entry->chain = *bucket;
	*bucket = entry;
	list_put(&cache->flight, entry);
	return entry;
}

void
dns_cache_settle(struct dns_cache *cache, struct dns_entry *entry, const struct dns_answer *answer,
    size_t bytes, int64_t until_ms)
{
	assert(!entry->settled);
	list_take(&cache->flight, entry);
	entry->answer = *answer;
	atomic_store_explicit(&entry->settled, true, memory_order_release); /* behind the answer */
	entry->at_ms = bytes > DNS_CACHE_ANSWER_BYTES ? INT64_MIN : until_ms;
	list_put(&cache->kept, entry);
	if (entry->at_ms == INT64_MIN) {
		entry_drop(cache, &cache->kept, entry);
		return;
	}
	while (cache->kept.n > cache->max_kept && cache->kept.oldest != NULL) {
		assert(cache->kept.oldest->older == NULL);
		entry_drop(cache, &cache->kept, cache->kept.oldest);
	}
}
