/*
 * dmarc_walk.h - the DNS tree walk of RFC 9989 section 4.10: which records stand at and above a
 * name, and what they say its organisational domain is.
 *
 * At most eight names are asked for: the name itself, then its last seven labels or fewer, one less
 * each time, down to the top-level domain. They are all asked for at once, since mail waits for the
 * answers; a record with psd=y or psd=n ends the walk, whatever stands above it.
 */
#ifndef AUTH_DMARC_WALK_H
#define AUTH_DMARC_WALK_H

#include "auth/dmarc_record.h"
#include "policy/lookup.h"

#define DMARC_WALK_QUERIES 8

enum dmarc_walk_status {
	DMARC_WALK_PENDING,
	DMARC_WALK_DONE,
	DMARC_WALK_TEMPERROR, /* some answer is missing; what is below it is known */
};

/* A record at one of the names; domain is the end of the name that was walked from. */
struct dmarc_place {
	bool there;
	struct slice domain;
	struct dmarc_record record; /* without its slices rua and ruf */
};

struct dmarc_walk {
	enum dmarc_walk_status status;
	bool own_known;             /* whether there is a record at the start is known */
	struct dmarc_place own;     /* at the start */
	struct dmarc_place highest; /* of the fewest labels, or with psd=y or psd=n */
	struct dmarc_place below;   /* psd=y: at the name one label below it */
	struct slice org;           /* DONE: the organisational domain */
};

/* Walks from a normalised name as far as it is known. Call again while PENDING. */
void dmarc_walk(struct dmarc_walk *walk, struct slice name, struct lookup *lookup);

#endif
