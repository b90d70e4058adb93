/*
 * account_map.c - see account_map.h: building.
 */
#include "policy/account_map_parts.h"

#include <stdlib.h>

struct build {
	struct account_map *map;
	struct arena *arena;
	struct account_problems *problems;
};

static struct slice
name_take(struct slice *rest)
{
	struct slice name = slice_head(*rest, slice_find(*rest, ','));

	*rest = slice_from(*rest, name.n + 1);
	return slice_trim(name);
}

/* The accounts of one entry, in the arena. */
static int
choice_names(struct build *b, struct slice value, struct account_choice *choice, struct err *err)
{
	struct slice names[ACCOUNT_CHOICES_MAX];
	struct slice rest = value;
	const char **v;
	size_t n = 0;

	do {
		if (n == ACCOUNT_CHOICES_MAX)
			return err_set(err, ERR_LIMIT, "more than %d accounts for one key",
			    ACCOUNT_CHOICES_MAX);
		names[n] = name_take(&rest);
		if (account_name_check(names[n++], err) != 0)
			return -1;
	} while (rest.n > 0);
	v = arena_alloc(b->arena, n * sizeof(*v));
	for (size_t i = 0; v != NULL && i < n; i++)
		v[i] = arena_text(b->arena, names[i]);
	choice->v = v;
	choice->n = v == NULL ? 0 : n;
	return 0;
}

static int
choice_make(struct build *b, const struct account_pair *pair, struct account_choice *choice,
    struct err *err)
{
	char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES];
	struct buf key = BUF_OVER(storage);

	if (pair->value.n > ACCOUNT_CHOICE_BYTES)
		return err_set(err, ERR_LIMIT, "its list of accounts is too long");
	if (account_map_key_format(pair->key, &key, err) != 0 ||
	    choice_names(b, pair->value, choice, err) != 0)
		return -1;
	choice->key = arena_text(b->arena, buf_slice(&key));
	return 0;
}

/* One pair to the networks or to the names. */
static void
pair_add(struct build *b, const struct account_pair *pair)
{
	static const struct slice ip = SLICE_LIT("ip:");
	struct account_choice choice = {NULL, NULL, 0};
	struct err why = {ERR_NONE, ""};
	struct account_network *network;
	struct slice key;

	if (choice_make(b, pair, &choice, &why) != 0) {
		account_problem_add(b->problems, b->arena, pair->key, why.text);
		return;
	}
	if (b->arena->failed)
		return;
	key = slice_of(choice.key);
	if (!slice_starts(key, ip)) {
		b->map->names[b->map->nnames++] = choice;
		return;
	}
	network = &b->map->networks[b->map->nnetworks];
	if (net_cidr_parse(slice_from(key, ip.n), &network->cidr, NULL) != 0)
		return; /* cannot be: we wrote it */
	network->choice = choice;
	b->map->nnetworks++;
}

static int
named_compare(const void *left, const void *right)
{
	const struct account_named *a = left;
	const struct account_named *b = right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return strcmp(a->name, b->name);
}

static size_t
accounts_add(struct account_named *v, size_t n, const struct account_choice *choice)
{
	for (size_t i = 0; i < choice->n; i++)
		v[n++] = (struct account_named){account_id(slice_of(choice->v[i])), choice->v[i]};
	return n;
}

/* All accounts that occur, each once. */
static int
accounts_collect(struct build *b)
{
	struct account_map *map = b->map;
	struct account_named *v;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < map->nnetworks; i++)
		n += map->networks[i].choice.n;
	for (size_t i = 0; i < map->nnames; i++)
		n += map->names[i].n;
	v = arena_alloc(b->arena, (n + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	n = 0;
	for (size_t i = 0; i < map->nnetworks; i++)
		n = accounts_add(v, n, &map->networks[i].choice);
	for (size_t i = 0; i < map->nnames; i++)
		n = accounts_add(v, n, &map->names[i]);
	qsort(v, n, sizeof(*v), named_compare);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || strcmp(v[kept - 1].name, v[i].name) != 0)
			v[kept++] = v[i];
	}
	map->accounts = v;
	map->naccounts = kept;
	return 0;
}

/* Sorts, and takes out what is there twice. Which of two stays does not depend on their order. */
static void
names_sort(struct build *b)
{
	struct account_map *map = b->map;
	size_t kept = 0;

	qsort(map->names, map->nnames, sizeof(*map->names), account_choice_compare);
	for (size_t i = 0; i < map->nnames; i++) {
		if (kept > 0 && strcmp(map->names[kept - 1].key, map->names[i].key) == 0)
			account_problem_add(b->problems, b->arena, slice_of(map->names[i].key),
			    "it is there twice, in other letters; this one is left out");
		else
			map->names[kept++] = map->names[i];
	}
	map->nnames = kept;
}

static void
networks_sort(struct build *b)
{
	struct account_map *map = b->map;
	size_t kept = 0;

	qsort(map->networks, map->nnetworks, sizeof(*map->networks), account_network_compare);
	for (size_t i = 0; i < map->nnetworks; i++) {
		const struct net_cidr *cidr = &map->networks[i].cidr;
		uint64_t *used = cidr->addr.family == NET_IPV4 ? map->used4 : map->used6;

		if (kept > 0 &&
		    strcmp(map->networks[kept - 1].choice.key, map->networks[i].choice.key) == 0) {
			account_problem_add(b->problems, b->arena,
			    slice_of(map->networks[i].choice.key),
			    "it is there twice, in other words; this one is left out");
			continue;
		}
		used[cidr->bits / 64] |= 1ULL << (cidr->bits % 64);
		map->networks[kept++] = map->networks[i];
	}
	map->nnetworks = kept;
}

int
account_map_build(struct account_map *map_r, const struct account_pair *pairs, size_t n,
    struct arena *a, struct account_problems *problems)
{
	struct build b = {map_r, a, problems};
	size_t networks = 0;

	*map_r = (struct account_map){.nnetworks = 0};
	if (n > ACCOUNT_MAP_MAX)
		return -1;
	for (size_t i = 0; i < n; i++)
		networks += slice_starts_nocase(pairs[i].key, slice_of("ip:"));
	map_r->networks = arena_alloc(a, (networks + 1) * sizeof(*map_r->networks));
	map_r->names = arena_alloc(a, (n - networks + 1) * sizeof(*map_r->names));
	if (map_r->networks == NULL || map_r->names == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		pair_add(&b, &pairs[i]);
	if (a->failed)
		return -1;
	names_sort(&b);
	networks_sort(&b);
	return accounts_collect(&b) == 0 && !a->failed ? 0 : -1;
}
