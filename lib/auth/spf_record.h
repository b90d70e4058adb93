/*
 * spf_record.h - the grammar of an SPF record, RFC 7208 section 4.6.1 and 12: "v=spf1 a -all".
 *
 * A record is read twice: once whole, because an error anywhere in it is a permerror, and then term
 * by term, as far as is needed. So nothing is kept of it but its text.
 */
#ifndef AUTH_SPF_RECORD_H
#define AUTH_SPF_RECORD_H

#include "auth/spf.h"
#include "base/err.h"

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};

struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_code qualifier; /* the result when it matches */
	struct slice text;       /* all of it, the qualifier included */
	struct slice spec;       /* the domain-spec; empty: none was given */
	unsigned bits4, bits6;   /* A, MX: prefix lengths; IP4, IP6: the one of the network */
	struct net_addr network; /* IP4, IP6 */
};

struct spf_record {
	struct slice terms;    /* what follows the version */
	struct slice redirect; /* domain-specs; empty: there is none */
	struct slice exp;
};

/* True when text begins as a record: "v=spf1" and a blank, or nothing. */
bool spf_record_is(struct slice text);

/* Reads all of such a text, which the record then points into. 0, or -1 with what is wrong; the
 * sentence is printable ASCII. */
int spf_record_parse(struct slice text, struct spf_record *record_r, struct err *err);

/* Cuts the next mechanism off the terms of a record that was parsed; false at the end. */
bool spf_term_next(struct slice *terms, struct spf_term *term_r);

/* True for a mechanism that costs a lookup (section 4.6.4). */
bool spf_term_is_lookup(const struct spf_term *term);

#endif
