/*
 * account_map.h - whose mail is it: networks, logins and From addresses, each with its accounts.
 *
 * The map comes as pairs of texts, from the hash gp:acctmap and from the accounts in milter.conf:
 *
 *	ip:192.0.2.0/24      a client in that network; the longest prefix counts
 *	login:NAME           who logged in as that
 *	from:ann@shop.example, from:@shop.example
 *
 * and for each the name of an account, or several with commas: the first is the one, the others may
 * be asked for by a header. Case does not count, but for names of accounts, which have none.
 *
 * A map is built once and then only read, by any number of threads; looking up allocates nothing.
 */
#ifndef POLICY_ACCOUNT_MAP_H
#define POLICY_ACCOUNT_MAP_H

#include "mail/address.h"
#include "policy/account.h"

/* Bounds on what is read from Redis. */
#define ACCOUNT_MAP_MAX      500000
#define ACCOUNT_KEY_BYTES    330 /* "from:" and the longest address */
#define ACCOUNT_CHOICES_MAX  16
#define ACCOUNT_CHOICE_BYTES ((size_t)ACCOUNT_CHOICES_MAX * (ACCOUNT_NAME_BYTES + 2))

struct account_pair {
	struct slice key;
	struct slice value;
};

/* One entry. */
struct account_choice {
	const char *key;      /* in canonical form */
	const char *const *v; /* accounts, the first is the one */
	size_t n;
};

struct account_network {
	struct net_cidr cidr;
	struct account_choice choice;
};

struct account_named {
	uint64_t id;
	const char *name;
};

struct account_map {
	struct account_network *networks; /* sorted */
	size_t nnetworks;
	uint64_t used4[1], used6[3];  /* which prefix lengths occur */
	struct account_choice *names; /* the other keys, sorted */
	size_t nnames;
	struct account_named *accounts; /* all that occur, sorted by id */
	size_t naccounts;
};

/* 0, or -1 with what a key must be. */
int account_map_key_check(struct slice key, struct err *err);

/* Appends the key in canonical form: lower case, "ip:192.0.2.1/32" as "ip:192.0.2.1". 0, or -1. */
int account_map_key_format(struct slice key, struct buf *out, struct err *err);

/* Builds the map; all of it is in the arena. A pair that is wrong, or there a second time, is left
 * out, with a problem. 0, or -1: too many pairs, or no memory. */
int account_map_build(struct account_map *map_r, const struct account_pair *pairs, size_t n,
    struct arena *a, struct account_problems *problems);

/* The entry for it, or NULL. The address exactly, else its domain. */
const struct account_choice *account_map_network(
    const struct account_map *map, const struct net_addr *client);
const struct account_choice *account_map_login(const struct account_map *map, struct slice login);
const struct account_choice *account_map_from(
    const struct account_map *map, const struct address *from);

bool account_choice_has(const struct account_choice *choice, struct slice account);

/* The name behind an account_id(), or NULL. */
const char *account_map_by_id(const struct account_map *map, uint64_t id);

#endif
