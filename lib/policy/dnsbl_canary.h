/*
 * dnsbl_canary.h - two questions that tell whether a zone can be believed: one entry that every
 * zone lists (RFC 5782 section 5: 127.0.0.2, for domains TEST), and one that none does (127.0.0.1,
 * INVALID). Allowlists too.
 */
#ifndef POLICY_DNSBL_CANARY_H
#define POLICY_DNSBL_CANARY_H

#include "policy/dnsbl_rule.h"
#include "policy/lookup.h"

enum dnsbl_canary_result {
	DNSBL_CANARY_RIGHT,
	DNSBL_CANARY_DEAD,  /* the test entry is not listed */
	DNSBL_CANARY_LIES,  /* what cannot be listed is */
	DNSBL_CANARY_ERROR, /* an answer that is no listing */
	DNSBL_CANARY_SILENT,
	DNSBL_CANARY_UNASKED, /* could not be sent out: nothing is known */
};

struct dnsbl_canary {
	enum dnsbl_canary_result result;
	int64_t ms;                     /* the caller's: how long the answers took; -1: not known */
	char detail[DNSBL_CODES_BYTES]; /* ERROR, LIES: the code */
};

/* Asks both; see lookup.h. True: finished. */
bool dnsbl_canary_advance(
    struct dnsbl_canary *canary, const struct dnsbl_zone *zone, struct lookup *lookup);

#endif
