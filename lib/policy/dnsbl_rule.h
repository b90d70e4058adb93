/*
 * dnsbl_rule.h - DNS lists as an operator writes them, parsed once into a table of zones.
 *
 * One entry, in the grammar of postscreen_dnsbl_sites with some words behind it:
 *
 *	[NAME:]ZONE[=FILTER][*WEIGHT] [WORD …]     or     @PRESET[:ZONE] [WORD …]
 *
 *	zen.example=127.0.0.[2..4;9]*20            these codes weigh 20
 *	zen.example=127.0.0.[10;11]*5              the same zone, asked once
 *	local.example*30 block                     listed means refused, whatever the score
 *	allow.example=127.0.[0..255].3*-10         a negative weight: an allowlist
 *	paid:k3y.zone.example=127.0.0.2            "paid" is told to others; the key is not
 *	@spamhaus-zen                              dnsbl_known.h has filters and weights
 *	@spamhaus-zen:k3y.zen.dq.spamhaus.net      the same at another zone
 *
 * FILTER is four numbers; each may be [a..b;c;…] instead. It must begin with 127, and may not mean
 * error answers alone. Without one it is 127.0.0.[2..254]. WEIGHT is -1000 to 1000, 10 when it is
 * not given. The words:
 *
 *	block         for this entry: refuse what matches
 *	ipv4 ipv6     of client lists: ask about such clients only
 *	helo sender rdns   of domain lists: ask about these names only; all three when none is said
 *	share=N       it suspends itself when it alone lists more than N percent; 100: never
 *	no-test       it has no test entry (RFC 5782): do not suspend it for that
 *
 * All words but block hold for the zone, whichever of its entries has them.
 */
#ifndef POLICY_DNSBL_RULE_H
#define POLICY_DNSBL_RULE_H

#include "base/arena.h"
#include "base/err.h"
#include "policy/dnsbl_known.h"
#include "policy/dnsbl_zones.h"

#include <stdint.h>

/* Bounds of one configuration. Questions of one message: a client list has one, a domain list one
 * for each kind of name; SPF and the others want their part of DNS_BATCH_MAX too. */
#define DNSBL_ZONES_MAX     40
#define DNSBL_RULES_MAX     256
#define DNSBL_QUESTIONS_MAX 64

/* The longest zone: an IPv6 address in front of it must still make a name (64 + 189 = 253). */
#define DNSBL_ZONE_MAX_BYTES 189

#define DNSBL_WEIGHT_MAX     1000
#define DNSBL_WEIGHT_DEFAULT 10

/* What is asked about. */
enum dnsbl_asks {
	DNSBL_ASKS_IPV4 = 1,
	DNSBL_ASKS_IPV6 = 2,
	DNSBL_ASKS_HELO = 4,
	DNSBL_ASKS_SENDER = 8,
	DNSBL_ASKS_RDNS = 16,
	DNSBL_ASKS_NAMES = 4 | 8 | 16,
};

/* A set of answers: four sets of numbers. */
struct dnsbl_filter {
	uint64_t octet[4][4];
};

struct dnsbl_rule {
	struct dnsbl_rule *next; /* of the same zone */
	struct dnsbl_filter filter;
	int weight;
	bool block;
};

struct dnsbl_zone {
	struct slice zone; /* as it is asked, lower case; may hold a key */
	const char *name;  /* as it is shown, lower case; unlike any other zone's */
	bool domains;
	bool no_test;
	bool allows;    /* its weights are negative */
	unsigned asks;  /* OR of enum dnsbl_asks */
	unsigned share; /* percent; 0: what the section says */
	struct dnsbl_rule *rules;
	const struct dnsbl_known *known; /* or NULL */
	const struct dnsbl_filter *errors;
	size_t nerrors;
};

struct dnsbl_table {
	size_t n;
	size_t nrules;
	struct dnsbl_zone zones[DNSBL_ZONES_MAX];
};

/* An empty table in the arena, or NULL. */
struct dnsbl_table *dnsbl_table_new(struct arena *a);

/* Adds an entry; domains: it is a list of names. 0, or -1 with "ENTRY: what is wrong; what is
 * allowed". Copies what it needs into the arena. */
int dnsbl_table_add(
    struct dnsbl_table *table, struct arena *a, bool domains, struct slice entry, struct err *err);

/* The zone of that name (as it is shown), or table->n. */
size_t dnsbl_table_find(const struct dnsbl_table *table, struct slice name);

/* FILTER alone. 0, or -1 with what is wrong. */
int dnsbl_filter_parse(struct slice text, struct dnsbl_filter *filter_r, struct err *err);

/* code: four bytes, as in the rdata of an A record. */
bool dnsbl_filter_has(const struct dnsbl_filter *filter, const char *code);

/* True when the rdata of an A record is no listing but a complaint, or a lie: outside of 127/8,
 * 127.0.0.1, 127.255.255.0/24, one of the zone's own errors, or no four bytes at all. */
bool dnsbl_is_error(const struct dnsbl_zone *zone, struct slice rdata);

#endif
