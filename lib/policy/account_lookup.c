/*
 * account_lookup.c - see account_map.h: looking up.
 */
#include "policy/account_map_parts.h"

static int
names_compare(const struct account_choice *a, const struct account_choice *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++) {
		int order = strcmp(a->v[i], b->v[i]);

		if (order != 0)
			return order;
	}
	return a->n < b->n ? -1 : a->n > b->n;
}

int
account_choice_compare(const void *left, const void *right)
{
	const struct account_choice *a = left;
	const struct account_choice *b = right;
	int order = strcmp(a->key, b->key);

	return order != 0 ? order : names_compare(a, b);
}

int
account_cidr_compare(const struct net_cidr *a, const struct net_cidr *b)
{
	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->addr.bytes, b->addr.bytes, sizeof(a->addr.bytes));
}

int
account_network_compare(const void *left, const void *right)
{
	const struct account_network *a = left;
	const struct account_network *b = right;
	int order = account_cidr_compare(&a->cidr, &b->cidr);

	return order != 0 ? order : names_compare(&a->choice, &b->choice);
}

static const struct account_choice *
network_find(const struct account_map *map, const struct net_cidr *cidr)
{
	size_t from = 0, to = map->nnetworks;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = account_cidr_compare(cidr, &map->networks[middle].cidr);

		if (order == 0)
			return &map->networks[middle].choice;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

const struct account_choice *
account_map_network(const struct account_map *map, const struct net_addr *client)
{
	const uint64_t *used = client->family == NET_IPV4 ? map->used4 : map->used6;

	if (client->family == NET_NONE || map->nnetworks == 0)
		return NULL;
	for (unsigned bits = net_family_bits(client->family) + 1; bits-- > 0;) {
		const struct account_choice *choice;
		struct net_cidr wanted;

		if ((used[bits / 64] >> (bits % 64) & 1) == 0)
			continue;
		wanted = net_addr_network(client, bits);
		choice = network_find(map, &wanted);
		if (choice != NULL)
			return choice;
	}
	return NULL;
}

/* key is in lower case. */
static const struct account_choice *
name_find(const struct account_map *map, const struct buf *key)
{
	struct slice wanted = {key->p, key->n};
	size_t from = 0, to = map->nnames;

	while (!key->over && from < to) {
		size_t middle = from + (to - from) / 2;
		int order = slice_compare(wanted, slice_of(map->names[middle].key));

		if (order == 0)
			return &map->names[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

const struct account_choice *
account_map_login(const struct account_map *map, struct slice login)
{
	char storage[ACCOUNT_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (login.n == 0)
		return NULL;
	buf_add_text(&key, "login:");
	buf_add_lower(&key, login);
	return name_find(map, &key);
}

const struct account_choice *
account_map_from(const struct account_map *map, const struct address *from)
{
	char storage[ACCOUNT_KEY_BYTES];
	struct buf key = BUF_OVER(storage);
	const struct account_choice *choice;

	if (from->null || from->domain.n == 0)
		return NULL;
	buf_add_text(&key, "from:");
	buf_add_lower(&key, from->local);
	buf_add_char(&key, '@');
	buf_add_lower(&key, from->domain);
	choice = name_find(map, &key);
	if (choice != NULL)
		return choice;
	buf_reset(&key);
	buf_add_text(&key, "from:@");
	buf_add_lower(&key, from->domain);
	return name_find(map, &key);
}

bool
account_choice_has(const struct account_choice *choice, struct slice account)
{
	for (size_t i = 0; choice != NULL && i < choice->n; i++) {
		if (slice_eq(slice_of(choice->v[i]), account))
			return true;
	}
	return false;
}

const char *
account_map_by_id(const struct account_map *map, uint64_t id)
{
	size_t from = 0, to = map->naccounts;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (map->accounts[middle].id == id)
			return map->accounts[middle].name;
		if (id < map->accounts[middle].id)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}
