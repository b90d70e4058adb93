/*
 * authres_methods.h - our results in an Authentication-Results field, method by method, with the
 * properties that IANA's registry of RFC 8601 has for them.
 *
 * Result words are those of RFC 8601 section 2.7, static; empty values are left out.
 */
#ifndef AUTH_AUTHRES_METHODS_H
#define AUTH_AUTHRES_METHODS_H

#include "auth/authres.h"
#include "auth/dmarc.h"
#include "base/net.h"

/* One DKIM signature. */
struct authres_dkim {
	const char *result;
	const char *reason;     /* or NULL */
	struct slice domain;    /* d= */
	struct slice selector;  /* s= */
	struct slice algorithm; /* a= */
	struct slice signature; /* b=, without blanks */
};

/* name: the confirmed name, or what there is of one, as a comment. */
void authres_iprev(
    struct authres *w, const char *result, const struct net_addr *client, struct slice name);

/* mailfrom is empty for the null sender: then helo is what was checked. reason: or NULL. */
void authres_spf(struct authres *w, const char *result, struct slice mailfrom, struct slice helo,
    const char *reason);

/* Signature i of n. */
void authres_dkim(struct authres *w, const struct authres_dkim *signatures, size_t n, size_t i);

/* One author's result; applied: what is really done with the message, and override: why that is
 * not what the author asked for, or NULL. */
void authres_dmarc(struct authres *w, const struct dmarc_author *author, enum dmarc_policy applied,
    const char *override);

/* That greylisting put the message off, in seconds; nothing when it did not. */
void authres_greylist(struct authres *w, int64_t delay_s);

#endif
