/*
 * dmarc_align.c - see dmarc_align.h.
 */
#include "auth/dmarc_align.h"

#include "auth/domain.h"
#include "auth/orgdomain.h"
#include "policy/dns_name.h"

static bool
said(const struct dmarc_identity *identity, const char *word)
{
	return identity->result != NULL && strcmp(identity->result, word) == 0;
}

/* Could the name be of the author's organisation? One that is, is it or lies below it. While that
 * is unknown, all but other top-level domains could. */
static bool
may_align(const struct dmarc_side *author, struct slice name, bool strict)
{
	struct slice org = author->walk->org;

	if (strict || slice_eq(name, author->name))
		return slice_eq(name, author->name);
	if (author->walk->status != DMARC_WALK_DONE)
		org = domain_tail(author->name, 1);
	return dns_name_is_within(name, org);
}

static bool
is_legacy(const struct dmarc *d, const struct dmarc_side *author, struct slice name, bool strict)
{
	char storage[2][DNS_NAME_MAX_BYTES + 1];
	struct buf one = BUF_OVER(storage[0]), other = BUF_OVER(storage[1]);

	return d->list != NULL && !strict && !author->record->has_rfc9989 &&
	       orgdomain_of(d->list, author->name, &one) == 0 &&
	       orgdomain_of(d->list, name, &other) == 0 &&
	       slice_eq(buf_slice(&one), buf_slice(&other));
}

/* The organisational domain of a name within the author's organisation. */
static enum dmarc_alignment
align_by_walk(
    struct dmarc *d, const struct dmarc_side *author, struct slice name, struct lookup *lookup)
{
	struct dmarc_walk walk;

	if (author->walk->status != DMARC_WALK_DONE)
		return DMARC_ALIGN_UNSURE;
	/* from the organisation itself, the walk would end where the author's did */
	if (slice_eq(name, author->walk->org))
		return DMARC_ALIGN_YES;
	if (d->nwalks++ >= DMARC_WALKS_MAX)
		return DMARC_ALIGN_NO;
	dmarc_walk(&walk, name, lookup);
	if (walk.status != DMARC_WALK_DONE)
		return walk.status == DMARC_WALK_PENDING ? DMARC_ALIGN_PENDING : DMARC_ALIGN_UNSURE;
	return slice_eq(walk.org, author->walk->org) ? DMARC_ALIGN_YES : DMARC_ALIGN_NO;
}

enum dmarc_alignment
dmarc_align(struct dmarc *d, const struct dmarc_side *author, const struct dmarc_identity *identity,
    bool strict, struct lookup *lookup)
{
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf normal = BUF_OVER(storage);
	bool passed = said(identity, "pass");
	enum dmarc_alignment found = DMARC_ALIGN_NO;
	struct slice name;

	if (!passed && !said(identity, "temperror"))
		return DMARC_ALIGN_NO;
	if (domain_normalise(identity->domain, &normal) != 0)
		return DMARC_ALIGN_NO;
	name = buf_slice(&normal);
	if (may_align(author, name, strict)) {
		if (!passed)
			return DMARC_ALIGN_UNSURE;
		if (slice_eq(name, author->name))
			return DMARC_ALIGN_YES;
		found = align_by_walk(d, author, name, lookup);
	}
	if (found == DMARC_ALIGN_NO && is_legacy(d, author, name, strict))
		return passed ? DMARC_ALIGN_LEGACY : DMARC_ALIGN_UNSURE;
	return found;
}
