/*
 * dmarc_opinion.h - what DMARC says of a message, and what we make of it: the domain's wish is not
 * always what happens, and whoever reads the header or the record has to see why.
 */
#ifndef MILTER_DMARC_OPINION_H
#define MILTER_DMARC_OPINION_H

#include "auth/dmarc.h"

#include "auth/spf.h"
#include "policy/txn.h"

/* What happens to the message, from the mildest on. */
enum dmarc_action {
	DMARC_ACTION_NONE,
	DMARC_ACTION_SCORE,
	DMARC_ACTION_QUARANTINE,
	DMARC_ACTION_REJECT,
};

/* Domains whose SPF may vouch for a client as a trusted forwarder; each may cost ten lookups. */
#define DMARC_FORWARDERS_MAX 10

struct dmarc_opinion {
	struct dmarc dmarc;
	bool malformed; /* From is not what RFC 5322 allows, or is missing */
	bool judged;    /* the rest is there */
	bool unsettled; /* a trusted forwarder may vouch for it; DNS does not tell */
	bool excessive; /* more authors than are judged, or a From that was not kept */
	bool shadow;    /* nothing is done, whatever the action */
	enum dmarc_action action;
	const char *override; /* static: why it is not what the domain asked for (RFC 9990's words:
				 "local_policy", "mailing_list", "trusted_forwarder"), or NULL */
	struct spf *forwarders[DMARC_FORWARDERS_MAX];
};

/* What is really done with the message of that txn. */
enum dmarc_action dmarc_action_applied(const struct dmarc_opinion *o, const struct txn *txn);

/* "none", "score", "quarantine", "reject". */
const char *dmarc_action_name(enum dmarc_action action);

#endif
