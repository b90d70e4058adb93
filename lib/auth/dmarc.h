/*
 * dmarc.h - does a message come from whom its From says (RFC 9989)?
 *
 *	dmarc_init(&d, spf, dkim, ndkim);
 *	dmarc_add_author(&d, domain);                  for each address of each From field
 *	while (!dmarc_advance(&d, lookup)) …           see lookup.h
 *	dmarc_decisive(&d)->disposition …
 *
 * Each author domain is judged by itself, and the strictest result counts: a second author must not
 * buy the first one off. A temporary error never ends in a policy, and it only counts where it could
 * have changed the result: else a sender could escape by breaking his own DNS.
 *
 * Records of RFC 7489's time: the tree walk asks at the author domain and at each of its last seven
 * labels, and no rule of the Public Suffix List has more than five, so no record that RFC 7489 would
 * find is missed. What differs is who is one organisation. A record at mail.example.com and none
 * at example.com makes mail.example.com an organisation of its own now, while a signature of
 * example.com used to count for it. With `list` set, such a signature still counts, as long as the
 * record has no tag of RFC 9989's; `legacy` tells. Never the other way round: what the tree walk
 * takes for one organisation is one. pct is not looked at, not even pct=0 (section A.6).
 */
#ifndef AUTH_DMARC_H
#define AUTH_DMARC_H

#include "auth/dmarc_record.h"
#include "policy/lookup.h"

/* Author domains that are looked at: each may cost nine questions. Mail from persons has one. Those
 * beyond are one more author together, whose result is permerror. */
#define DMARC_AUTHORS_MAX 4

/* Organisational domains found out for SPF's and DKIM's domains, per message; only those within the
 * author's organisation need it. What is beyond is not aligned. */
#define DMARC_WALKS_MAX 10

/* What SPF said, or one DKIM signature: the domain and the result word of RFC 8601; only "pass" and
 * "temperror" matter here. */
struct dmarc_identity {
	struct slice domain;
	const char *result; /* NULL: there was no check */
};

enum dmarc_result {
	DMARC_NONE, /* nobody asked for anything */
	DMARC_PASS,
	DMARC_TEMPERROR,
	DMARC_PERMERROR, /* the author domain is no domain, or there are too many */
	DMARC_FAIL,
};

enum dmarc_tag {
	DMARC_TAG_P,
	DMARC_TAG_SP,
	DMARC_TAG_NP,
};

struct dmarc_author {
	char name[DNS_NAME_MAX_BYTES + 1]; /* the author domain, normalised; "" when it is none */
	enum dmarc_result result;
	const char *reason;                /* static: one word why, for logs */
	struct slice record_domain;        /* where the record stood; empty: there is none */
	struct slice org;                  /* organisational domain; empty: unknown */
	enum dmarc_policy published;       /* the policy asked for; ABSENT: none is */
	enum dmarc_tag tag;                /* the tag it is from */
	bool testing;                      /* t=y */
	enum dmarc_policy disposition;     /* NONE unless the result is fail */
	const struct dmarc_identity *spf;  /* what aligned, or NULL */
	const struct dmarc_identity *dkim; /* the first signature that did, or NULL */
	bool legacy;                       /* it passes by RFC 7489 only */
};

struct psl_ctx_st;

/* Must stay where it is: authors have slices into themselves. */
struct dmarc {
	const struct psl_ctx_st *list; /* see above; NULL (as init leaves it): RFC 9989 only */
	struct dmarc_identity spf;
	const struct dmarc_identity *dkim;
	size_t ndkim;
	struct dmarc_author authors[DMARC_AUTHORS_MAX + 1];
	size_t nauthors;
	bool multi_from; /* more than one author domain */
	size_t nwalks;   /* of this advance */
};

/* dkim: ndkim results that stay the caller's until the end; spf: of MAIL FROM, or of HELO for the
 * null sender. No author yet. */
void dmarc_init(
    struct dmarc *d, struct dmarc_identity spf, const struct dmarc_identity *dkim, size_t ndkim);

/* Adds an author domain, unless it is there already. */
void dmarc_add_author(struct dmarc *d, struct slice domain);

/* Asks what is known to be needed, without looking at the answers: so that they are on their way
 * while DKIM still reads the body. Optional. */
void dmarc_ask(const struct dmarc *d, struct lookup *lookup);

/* True when all authors have their results. */
bool dmarc_advance(struct dmarc *d, struct lookup *lookup);

/* The author whose result counts for the message, or NULL when there is no author. */
const struct dmarc_author *dmarc_decisive(const struct dmarc *d);

/* "none", "pass", "fail", "temperror", "permerror"; "p", "sp", "np". */
const char *dmarc_result_name(enum dmarc_result result);
const char *dmarc_tag_name(enum dmarc_tag tag);

#endif
