/*
 * accounts_raw.c - what Redis has of the accounts, as it was read: hashes, and the map.
 */
#include "io/accounts_parts.h"

#include <stdlib.h>

/* A name of a field beyond this is no option's; the rest is not kept. */
#define FIELD_NAME_BYTES 80

/* What is kept of a text: enough of one that is too long for those who build to see that it is. */
static struct slice
kept(const redisReply *text, size_t max)
{
	return slice_head(redis_reply_text(text), max + 1);
}

static int
field_compare(const void *left, const void *right)
{
	const struct account_field *a = left;
	const struct account_field *b = right;

	return slice_compare(a->name, b->name);
}

/* A copy at *at, which is moved behind it. */
static struct slice
copy_at(char **at, struct slice s)
{
	struct slice copy = {*at, s.n};

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

struct account_raw *
account_raw_new(const redisReply *answer)
{
	size_t n = answer->elements / 2, bytes = sizeof(struct account_raw);
	struct account_raw *raw;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += sizeof(raw->fields[0]) + kept(answer->element[2 * i], FIELD_NAME_BYTES).n +
			 kept(answer->element[2 * i + 1], ACCOUNT_VALUE_BYTES).n;
	raw = malloc(bytes);
	if (raw == NULL)
		return NULL;
	raw->bytes = bytes;
	raw->n = n;
	atomic_init(&raw->refs, 1);
	at = (char *)&raw->fields[n];
	for (size_t i = 0; i < n; i++) {
		raw->fields[i].name = copy_at(&at, kept(answer->element[2 * i], FIELD_NAME_BYTES));
		raw->fields[i].value = copy_at(
		    &at, kept(answer->element[2 * i + 1], ACCOUNT_VALUE_BYTES));
	}
	qsort(raw->fields, n, sizeof(raw->fields[0]), field_compare);
	return raw;
}

void
account_raw_unref(struct account_raw *raw)
{
	if (raw != NULL && atomic_fetch_sub(&raw->refs, 1) == 1)
		free(raw);
}

bool
account_raw_same(const struct account_raw *a, const struct account_raw *b)
{
	if (a->n != b->n || a->bytes != b->bytes)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!slice_eq(a->fields[i].name, b->fields[i].name) ||
		    !slice_eq(a->fields[i].value, b->fields[i].value))
			return false;
	}
	return true;
}

/* --- the map --- */

struct accounts_pairs *
accounts_pairs_new(void)
{
	struct accounts_pairs *pairs = calloc(1, sizeof(*pairs));

	if (pairs == NULL)
		return NULL;
	atomic_init(&pairs->refs, 1);
	arena_init(&pairs->arena, 4096, ACCOUNTS_MAP_BYTES);
	return pairs;
}

/* Room for n more; twice as much each time, so that they are seldom copied. */
static int
pairs_grow(struct accounts_pairs *pairs, size_t n)
{
	size_t cap = pairs->cap == 0 ? 64 : pairs->cap;
	struct account_pair *v;

	while (cap < pairs->n + n)
		cap *= 2;
	if (cap == pairs->cap)
		return 0;
	v = realloc(pairs->v, cap * sizeof(*v));
	if (v == NULL)
		return -1;
	pairs->v = v;
	pairs->cap = cap;
	return 0;
}

int
accounts_pairs_add(struct accounts_pairs *pairs, const redisReply *answer, size_t max, bool *over_r)
{
	size_t n = answer->elements / 2;

	*over_r = n > max - pairs->n;
	if (*over_r)
		n = max - pairs->n;
	if (pairs_grow(pairs, n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct account_pair *pair = &pairs->v[pairs->n++];

		pair->key = arena_copy(
		    &pairs->arena, kept(answer->element[2 * i], ACCOUNT_KEY_BYTES));
		pair->value = arena_copy(
		    &pairs->arena, kept(answer->element[2 * i + 1], ACCOUNT_CHOICE_BYTES));
	}
	return pairs->arena.failed ? -1 : 0;
}

static int
pair_compare(const void *left, const void *right)
{
	const struct account_pair *a = left;
	const struct account_pair *b = right;
	int order = slice_compare(a->key, b->key);

	return order != 0 ? order : slice_compare(a->value, b->value);
}

void
accounts_pairs_ready(struct accounts_pairs *pairs)
{
	size_t kept_n = 0;

	if (pairs->n == 0)
		return;
	qsort(pairs->v, pairs->n, sizeof(*pairs->v), pair_compare);
	for (size_t i = 0; i < pairs->n; i++) {
		/* HSCAN may give an entry twice; when it changed meanwhile, we are told */
		if (kept_n == 0 || !slice_eq(pairs->v[kept_n - 1].key, pairs->v[i].key))
			pairs->v[kept_n++] = pairs->v[i];
	}
	pairs->n = kept_n;
}

void
accounts_pairs_unref(struct accounts_pairs *pairs)
{
	if (pairs == NULL || atomic_fetch_sub(&pairs->refs, 1) != 1)
		return;
	arena_fini(&pairs->arena);
	free(pairs->v);
	free(pairs);
}

bool
accounts_pairs_same(const struct accounts_pairs *a, const struct accounts_pairs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!slice_eq(a->v[i].key, b->v[i].key) || !slice_eq(a->v[i].value, b->v[i].value))
			return false;
	}
	return true;
}
