/*
 * dnsbl.h - asking the DNS lists about one client, or about the names of one mail.
 *
 * Every zone that may be asked is, all at once (lookup.h); then each has one result, told to its
 * port (dnsbl_zones.h), which counts, and suspends zones that cannot be believed. What lists
 * nobody (error answers, no answers) never weighs anything.
 *
 *	check = dnsbl_check_new(arena, table, port, DNSBL_CLIENT);
 *	check->client = …;
 *	while (!dnsbl_advance(check, lookup)) lookup_wait(lookup);
 *	dnsbl_score(checks, 2, floor) …
 */
#ifndef POLICY_DNSBL_H
#define POLICY_DNSBL_H

#include "base/net.h"
#include "policy/dnsbl_rule.h"
#include "policy/lookup.h"

/* Which of the table's zones: one check is made for each, since the client stays while mails come
 * and go. */
enum dnsbl_kind {
	DNSBL_CLIENT, /* lists of addresses */
	DNSBL_NAMES,  /* lists of domains */
};

enum dnsbl_name {
	DNSBL_NAME_HELO,
	DNSBL_NAME_SENDER, /* the domain of MAIL FROM */
	DNSBL_NAME_RDNS,   /* the confirmed reverse name */
	DNSBL_NAME_KINDS,
};

struct dnsbl_result {
	enum dnsbl_status status;
	bool decided; /* was told so */
	bool unasked; /* TEMPERROR: of our own making, no fault of the zone */
	/* LISTED: what the rules that matched say, each once */
	bool block;
	int weight;
	char codes[DNSBL_CODES_BYTES]; /* LISTED, ERROR: what it answered, "127.0.0.2,127.0.0.4" */
};

struct dnsbl_check {
	const struct dnsbl_table *table;
	struct dnsbl_port *port; /* NULL: every zone may be asked, and nobody is told */
	enum dnsbl_kind kind;
	struct dnsbl_result *results; /* one for each zone of the table, whatever its kind */
	bool begun;
	bool finished;
	/* the caller's, before the first dnsbl_advance(): */
	struct net_addr client;
	/* of DNSBL_NAMES, as soon as each is known; names that are none are not asked about */
	struct slice names[DNSBL_NAME_KINDS];
	bool names_known; /* no more will come */
};

/* In the arena, all of whose zones are DNSBL_UNASKED; NULL when it is full. */
struct dnsbl_check *dnsbl_check_new(struct arena *a, const struct dnsbl_table *table,
    struct dnsbl_port *port, enum dnsbl_kind kind);

/* Asks, and takes the answers; see lookup.h. True: finished, the results stay. */
bool dnsbl_advance(struct dnsbl_check *check, struct lookup *lookup);

/* A finished check in which a zone gave no answer begins anew. */
void dnsbl_retry(struct dnsbl_check *check);

/* The weights of all that is listed in the n finished checks (NULLs allowed), each zone once;
 * allowlists together take off no more than to `floor` (0 or below). */
int dnsbl_score(const struct dnsbl_check *const *checks, size_t n, int floor);

/* Tells the port which zones made the difference: with the score of all other checks added,
 * `refuse_at` and more is refused, as is what a zone blocks. Each zone once for each check. */
struct dnsbl_stakes {
	int floor;
	int others;
	int refuse_at;
};
void dnsbl_decided(struct dnsbl_check *const *checks, size_t n, const struct dnsbl_stakes *stakes);

/* What stands for a client's network (/24, /64) where distinct clients are counted; 0: no client. */
uint64_t dnsbl_client_key(const struct net_addr *client);

/* Can a list of domains be asked about this? A name with a dot in it, not an address. */
bool dnsbl_name_is_askable(struct slice name);

/* "listed", "error", … */
const char *dnsbl_status_name(enum dnsbl_status status);

#endif
