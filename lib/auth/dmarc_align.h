/*
 * dmarc_align.h - is what SPF or DKIM vouched for the author's (RFC 9989 sections 4.4 and 4.10.2)?
 */
#ifndef AUTH_DMARC_ALIGN_H
#define AUTH_DMARC_ALIGN_H

#include "auth/dmarc.h"
#include "auth/dmarc_walk.h"

enum dmarc_alignment {
	DMARC_ALIGN_NO,
	DMARC_ALIGN_YES,
	DMARC_ALIGN_LEGACY,  /* by the Public Suffix List only */
	DMARC_ALIGN_UNSURE,  /* a temporary error stands between */
	DMARC_ALIGN_PENDING, /* call again when more is known */
};

/* The author's side. The walk is finished, if with a temporary error. */
struct dmarc_side {
	struct slice name;
	const struct dmarc_walk *walk;
	const struct dmarc_record *record; /* the one that applies */
};

enum dmarc_alignment dmarc_align(struct dmarc *d, const struct dmarc_side *author,
    const struct dmarc_identity *identity, bool strict, struct lookup *lookup);

#endif
