/*
 * dmarc_record.h - one DMARC record as a domain publishes it (RFC 9989 sections 4.7 and 4.8).
 *
 * Tags may stand in any order behind the version; what is unknown is ignored, and so are pct, rf and
 * ri, which RFC 9989 took out (pct=0 included: its successor is t=y). A value that is none of a
 * tag's is as if the tag were not there. Of a tag given twice, the first counts.
 */
#ifndef AUTH_DMARC_RECORD_H
#define AUTH_DMARC_RECORD_H

#include "base/slice.h"

/* A record that is longer asks for no policy. Ones seen in the wild stay below 500 bytes. */
#define DMARC_RECORD_MAX_BYTES 4096

enum dmarc_policy {
	DMARC_POLICY_ABSENT, /* the tag is not there */
	DMARC_POLICY_NONE,
	DMARC_POLICY_QUARANTINE,
	DMARC_POLICY_REJECT,
};

enum dmarc_psd {
	DMARC_PSD_UNKNOWN, /* "u", or no such tag */
	DMARC_PSD_YES,     /* a public suffix: organisations begin below it */
	DMARC_PSD_NO,      /* an organisation begins here */
};

/* fo: when to report a failure. */
#define DMARC_FO_ALL  1u /* "0": nothing passed; also when there is no such tag */
#define DMARC_FO_ANY  2u /* "1" */
#define DMARC_FO_DKIM 4u /* "d" */
#define DMARC_FO_SPF  8u /* "s" */

struct dmarc_record {
	/* It asks for a policy. Without a valid p, or with an invalid sp or np, a record does so
	 * only when it has a reporting address, and then for none (section 4.10.1). */
	bool usable;
	bool implied; /* the policy is that "none" */
	enum dmarc_policy p, sp, np;
	enum dmarc_psd psd;
	bool testing; /* t=y: one level less than published */
	bool strict_dkim;
	bool strict_spf;
	bool has_rfc9989; /* one of np, psd, t: written by someone who knows the tree walk */
	unsigned fo;      /* OR of DMARC_FO_* */
	struct slice rua; /* URIs, comma-separated, as in the text; empty: none */
	struct slice ruf;
};

/* True when the text is a DMARC record at all: its first tag is v=DMARC1. What it asks for is then
 * in *record_r, whose slices point into the text. */
bool dmarc_record_parse(struct slice text, struct dmarc_record *record_r);

/* "none", "quarantine", "reject"; "" for the absent one. */
const char *dmarc_policy_name(enum dmarc_policy policy);

#endif
