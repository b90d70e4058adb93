/*
 * dnsbl_known.h - zones of the public DNS that are known to us: presets to be turned on by name,
 * the codes with which each says "you ask too much", its test entries, and the zones that are no
 * more.
 *
 * Nothing here is on by itself: every one of these zones has terms, which are told with it.
 */
#ifndef POLICY_DNSBL_KNOWN_H
#define POLICY_DNSBL_KNOWN_H

#include "base/slice.h"

struct dnsbl_known {
	const char *preset;   /* "@spamhaus-zen" is written for it; NULL: no preset */
	const char *zone;     /* lower case; zones below it are meant, too */
	const char *keyed;    /* the same behind a customer's key: KEY.keyed; NULL: there is none */
	bool domains;         /* it lists names, not addresses */
	const char *words;    /* as at the end of an entry; "": none */
	const char *rules[5]; /* "=FILTER*WEIGHT"; ends in NULL */
	const char *errors;   /* filters with blanks between: codes that list nobody */
	const char *test_listed; /* in place of RFC 5782's test entry; NULL: that one */
	const char *purpose;
	const char *terms;
	const char *dead; /* since when, and what happens to who asks; NULL: alive */
};

/* Ends with a NULL zone. */
extern const struct dnsbl_known dnsbl_known[];

/* The row of that preset, or NULL. */
const struct dnsbl_known *dnsbl_known_preset(struct slice name);

/* The preset that was meant by a name that is none, or NULL. */
const struct dnsbl_known *dnsbl_known_nearest(struct slice name);

/* The row whose zone (or keyed zone) it is, or lies above it; the nearest, or NULL. The zone must
 * be in lower case. */
const struct dnsbl_known *dnsbl_known_find(struct slice zone);

/* True when the zone lies below the row's keyed zone: its first labels are somebody's key. */
bool dnsbl_known_has_key(const struct dnsbl_known *row, struct slice zone);

#endif
