/*
 * account_match.h - the account of a message that leaves, and why it is that one.
 *
 * Candidates come from the login, the network and the From addresses; the precedence says whose word
 * counts first. A header may then name another account, but only one that the login or the network
 * may use: From proves nothing. Nothing is allocated; what a result points to is the map's.
 *
 * It may be asked more than once for a message: before the header is known, `from` is the envelope's
 * sender.
 */
#ifndef POLICY_ACCOUNT_MATCH_H
#define POLICY_ACCOUNT_MATCH_H

#include "policy/account_map.h"

enum account_by {
	ACCOUNT_BY_LOGIN,
	ACCOUNT_BY_NETWORK,
	ACCOUNT_BY_FROM,
	ACCOUNT_BY_HEADER,
	ACCOUNT_BY_DEFAULT,
	ACCOUNT_BY_NONE,
};

/* LOGIN, NETWORK, FROM. */
#define ACCOUNT_SOURCES 3

/* From addresses that are looked at; more of them are none that an account may use. */
#define ACCOUNT_FROMS_MAX 20

struct account_precedence {
	enum account_by v[ACCOUNT_SOURCES];
	size_t n; /* a source that is not there is not asked */
};

struct account_facts {
	const struct net_addr *client;
	struct slice login;         /* empty: none */
	const struct address *from; /* in their order */
	size_t nfrom;
	bool from_odd;       /* malformed, several fields, or more than ACCOUNT_FROMS_MAX */
	struct slice header; /* X-Gatepost-Account, or empty */
};

struct account_match {
	const char *account; /* NULL: none */
	enum account_by by;
	const char *key; /* of the map, what decided; NULL for DEFAULT and NONE */
	const char *candidates[ACCOUNT_SOURCES]; /* by enum account_by; NULL: none */
	const char *keys[ACCOUNT_SOURCES];
	bool header_refused; /* it asked for one that it may not use */
};

/* "login network from" in any order, each at most once. 0, or -1 with what is allowed. */
int account_precedence_parse(
    const struct option_words *words, struct account_precedence *precedence_r, struct err *err);

/* fallback: the account of whoever has none, or NULL. */
struct account_match account_match(const struct account_map *map,
    const struct account_precedence *precedence, const struct account_facts *facts,
    const char *fallback);

/* "login", "network", "from", "header", "default", "none": for the log. */
const char *account_by_name(enum account_by by);

/* Appends the reason in words: "shop: login:ann says so, before ip:192.0.2.0/24 (agency)". */
void account_match_words(const struct account_match *match, struct buf *out);

/* True when it may write all of the From addresses: the account's option from, or a "from:" of the
 * map that names it. With check_from = no always. Otherwise *wrong_r is the first that it may not, or
 * NULL when it is the field as a whole, or that there is none. */
bool account_may_write(const struct account *account, const struct account_map *map,
    const struct account_facts *facts, const struct address **wrong_r);

/* Appends the sentence behind 553 5.7.1. */
void account_wrong_from_words(
    const struct account *account, const struct address *wrong, struct buf *out);

#endif
