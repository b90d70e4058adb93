/*
 * rdns.h - reverse DNS: which host names does the client's address lead to, and does one of them
 * lead back (FCrDNS)?
 *
 *	rdns_init(&r, &client);                         at CONNECT
 *	if (rdns_advance(&r, lookup))                   again and again, see lookup.h
 *		… r.outcome, rdns_name(&r) …
 *
 * Anybody may write any name into his own reverse zone. So a name is worth something only when its
 * own zone names the address: rdns_name() gives such a name and no other; the rest is for the log
 * and the decision record. A temporary error is no outcome that may weigh anything.
 *
 * Of several names a confirmed one is enough, by preference one that does not look like a line's
 * (rdns_dynamic.h), else the first in byte order: name servers rotate their answers, and the same
 * client has to be the same host each time.
 */
#ifndef POLICY_RDNS_H
#define POLICY_RDNS_H

#include "policy/lookup.h"
#include "policy/rdns_dynamic.h"

/* Names that are looked at, as RFC 7208 section 4.6.4 has it for "ptr": each costs a question. */
#define RDNS_NAMES_MAX 10

enum rdns_outcome {
	RDNS_NONE,           /* not known yet, or a client without an address */
	RDNS_PASS,           /* a name leads back to the client */
	RDNS_MISMATCH,       /* there are names with addresses, but not the client's */
	RDNS_NO_PTR,         /* the address has no name */
	RDNS_FORWARD_FAILED, /* no name has any address */
	RDNS_TEMPERROR,      /* could not be found out now */
};

struct rdns_name {
	enum rdns_look look;
	char text[DNS_NAME_MAX_BYTES + 1]; /* lower case */
};

struct rdns {
	struct net_addr client;
	enum rdns_outcome outcome;
	bool named;                             /* PTR was answered; the names are there */
	const struct rdns_name *name;           /* PASS: the confirmed one */
	struct rdns_name names[RDNS_NAMES_MAX]; /* what PTR says, in order of preference */
	size_t n;
};

/* r points into itself: it must not be copied once rdns_advance() was called. */
void rdns_init(struct rdns *r, const struct net_addr *client);

/* True when finished, which it stays; nothing is asked for then. */
bool rdns_advance(struct rdns *r, struct lookup *lookup);

/* The confirmed name as text, or an empty slice; valid as long as r. */
struct slice rdns_name(const struct rdns *r);

/* "pass", "mismatch", "no_ptr", "forward_failed", "temperror", "none": one word for log and conf. */
const char *rdns_outcome_name(enum rdns_outcome outcome);

/* The result of the method "iprev" (RFC 8601 sections 2.7.3 and 3): "pass", "fail", "temperror",
 * "permerror"; NULL when there is nothing to tell. */
const char *rdns_iprev(enum rdns_outcome outcome);

/* What is wrong, as a cause for the client ("no reverse DNS name"); NULL when nothing is. */
const char *rdns_words(enum rdns_outcome outcome);

#endif
