/*
 * account_book.c - see accounts.h.
 */
#include "policy/accounts.h"

#include <stdlib.h>

const struct account *
account_book_find(const struct account_book *book, const char *name)
{
	size_t from = 0, to = book->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = strcmp(name, book->v[middle]->name);

		if (order == 0)
			return book->v[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

/* --- pairs --- */

/* One key of one account of milter.conf. */
struct conf_key {
	const char *key; /* in canonical form */
	const char *account;
	size_t place; /* of the account in the file */
};

struct conf_keys {
	struct conf_key *v;
	size_t n;
};

static int
conf_key_compare(const void *left, const void *right)
{
	const struct conf_key *a = left;
	const struct conf_key *b = right;
	int order = strcmp(a->key, b->key);

	return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

/* The key as the map has it; one that is none as it is: the map will say so. */
static const char *
canonical(struct slice key, struct arena *a)
{
	char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES];
	struct buf out = BUF_OVER(storage);

	if (account_map_key_format(key, &out, NULL) != 0)
		return arena_text(a, key);
	return arena_text(a, buf_slice(&out));
}

static int
conf_keys_read(const struct account_pairs_source *from, struct arena *a, struct conf_keys *keys_r)
{
	size_t n = 0;

	*keys_r = (struct conf_keys){NULL, 0};
	for (size_t i = 0; i < from->nconf; i++)
		n += from->conf[i]->match.n;
	keys_r->v = arena_alloc(a, (n + 1) * sizeof(*keys_r->v));
	if (keys_r->v == NULL)
		return -1;
	for (size_t i = 0; i < from->nconf; i++) {
		const struct account *account = from->conf[i];

		for (size_t k = 0; k < account->match.n; k++) {
			const char *key = canonical(slice_of(account->match.v[k]), a);

			if (key == NULL)
				return -1;
			keys_r->v[keys_r->n++] = (struct conf_key){key, account->name, i};
		}
	}
	qsort(keys_r->v, keys_r->n, sizeof(*keys_r->v), conf_key_compare);
	return 0;
}

/* The accounts of the key that begins at *at, which is moved behind it. */
static int
conf_pair_next(
    const struct conf_keys *keys, size_t *at, struct arena *a, struct account_pair *pair_r)
{
	char storage[ACCOUNT_CHOICE_BYTES + ACCOUNT_NAME_BYTES]; /* longer than the map allows */
	struct buf names = BUF_OVER(storage);
	const struct conf_key *first = &keys->v[*at], *last = NULL;

	while (*at < keys->n && strcmp(keys->v[*at].key, first->key) == 0) {
		const struct conf_key *k = &keys->v[(*at)++];

		if (last != NULL && last->place == k->place)
			continue; /* the same account, the same key in other letters */
		if (last != NULL)
			buf_add_char(&names, ',');
		buf_add_text(&names, k->account);
		last = k;
	}
	*pair_r = (struct account_pair){slice_of(first->key), arena_copy(a, buf_slice(&names))};
	return pair_r->value.p == NULL ? -1 : 0;
}

/* pairs: sorted by key, as texts. */
static bool
pairs_have(const struct account_pair *pairs, size_t n, struct slice key)
{
	char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES];
	struct buf wanted = BUF_OVER(storage);
	size_t from = 0, to = n;

	if (n == 0 || account_map_key_format(key, &wanted, NULL) != 0)
		return false;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = slice_compare(buf_slice(&wanted), pairs[middle].key);

		if (order == 0)
			return true;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

int
account_book_pairs(const struct account_pairs_source *from, struct arena *a,
    struct account_pair **pairs_r, size_t *n_r)
{
	struct conf_keys keys;
	struct account_pair *v;
	size_t n = 0, own;

	*pairs_r = NULL;
	*n_r = 0;
	if (conf_keys_read(from, a, &keys) != 0)
		return -1;
	v = arena_alloc(a, (keys.n + from->nredis + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	for (size_t at = 0; at < keys.n;) {
		if (conf_pair_next(&keys, &at, a, &v[n++]) != 0)
			return -1;
	}
	own = n;
	for (size_t i = 0; i < from->nredis; i++) {
		if (!pairs_have(v, own, from->redis[i].key))
			v[n++] = from->redis[i];
	}
	*pairs_r = v;
	*n_r = n;
	return 0;
}
