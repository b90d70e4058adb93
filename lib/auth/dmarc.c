/*
 * dmarc.c - see dmarc.h. Where the records are found is in dmarc_walk.c, what aligns in
 * dmarc_align.c.
 */
#include "auth/dmarc.h"

#include "auth/dmarc_align.h"
#include "auth/dmarc_walk.h"
#include "auth/domain.h"

/* What an author's identities came to. */
struct alignments {
	bool pending;
	bool unsure;
};

const char *
dmarc_result_name(enum dmarc_result result)
{
	static const char *const names[] = {
	    [DMARC_NONE] = "none",
	    [DMARC_PASS] = "pass",
	    [DMARC_TEMPERROR] = "temperror",
	    [DMARC_PERMERROR] = "permerror",
	    [DMARC_FAIL] = "fail",
	};

	return names[result];
}

const char *
dmarc_tag_name(enum dmarc_tag tag)
{
	static const char *const names[] = {
	    [DMARC_TAG_P] = "p",
	    [DMARC_TAG_SP] = "sp",
	    [DMARC_TAG_NP] = "np",
	};

	return names[tag];
}

void
dmarc_init(
    struct dmarc *d, struct dmarc_identity spf, const struct dmarc_identity *dkim, size_t ndkim)
{
	*d = (struct dmarc){.spf = spf, .dkim = dkim, .ndkim = ndkim};
}

void
dmarc_add_author(struct dmarc *d, struct slice domain)
{
	struct dmarc_author new = {.reason = "pending"};
	struct buf name = BUF_OVER(new.name);

	if (domain_normalise(domain, &name) != 0)
		buf_reset(&name);
	(void)buf_text(&name);
	for (size_t i = 0; i < d->nauthors; i++) {
		if (slice_eq(slice_of(d->authors[i].name), slice_of(new.name)))
			return;
	}
	d->multi_from = d->nauthors > 0;
	if (d->nauthors == DMARC_AUTHORS_MAX)
		new.name[0] = '\0';
	if (d->nauthors <= DMARC_AUTHORS_MAX)
		d->authors[d->nauthors++] = new;
}

void
dmarc_ask(const struct dmarc *d, struct lookup *lookup)
{
	struct dmarc_walk walk;

	for (size_t i = 0; i < d->nauthors; i++) {
		if (d->authors[i].name[0] != '\0')
			dmarc_walk(&walk, slice_of(d->authors[i].name), lookup);
	}
}

/* Sets the result and says the author is finished. */
static bool
finish(struct dmarc_author *author, enum dmarc_result result, const char *reason)
{
	author->result = result;
	author->reason = reason;
	author->disposition = DMARC_POLICY_NONE;
	return true;
}

/* Section 4.10.1: the record at the author domain, else at the organisational domain, else at the
 * public suffix. NULL: none. */
static const struct dmarc_place *
place_choose(const struct dmarc_walk *walk)
{
	if (walk->own.there)
		return &walk->own;
	if (walk->below.there)
		return &walk->below;
	return walk->highest.there ? &walk->highest : NULL;
}

enum existence {
	EXISTENCE_YES,
	EXISTENCE_NO,
	EXISTENCE_PENDING,
	EXISTENCE_UNSURE,
};

/* Section 3.2.13 with RFC 8020: NXDOMAIN means that there is nothing at the name or below. One
 * answer would do, if all servers kept to that; so three are asked, and one that knows the name is
 * enough. Asked only where np makes a difference. */
static enum existence
author_exists(struct slice name, struct lookup *lookup)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX};
	enum existence found = EXISTENCE_NO;

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		enum dns_status status = lookup_ask(lookup, name, types[i])->status;

		if (status == DNS_FOUND || status == DNS_NODATA)
			return EXISTENCE_YES;
		if (status == DNS_PENDING)
			found = EXISTENCE_PENDING;
		else if (status == DNS_TEMPERROR && found == EXISTENCE_NO)
			found = EXISTENCE_UNSURE;
	}
	return found;
}

static void
choose_policy(
    struct dmarc_author *author, const struct dmarc_record *record, enum existence existence)
{
	bool own = slice_eq(author->record_domain, slice_of(author->name));

	author->tag = DMARC_TAG_P;
	author->published = record->p;
	if (!own && record->sp != DMARC_POLICY_ABSENT) {
		author->tag = DMARC_TAG_SP;
		author->published = record->sp;
	}
	if (!own && record->np != DMARC_POLICY_ABSENT && existence == EXISTENCE_NO) {
		author->tag = DMARC_TAG_NP;
		author->published = record->np;
	}
}

/* Section 4.7: t=y asks for one level less. */
static enum dmarc_policy
disposition_of(const struct dmarc_author *author)
{
	if (!author->testing)
		return author->published;
	return author->published == DMARC_POLICY_REJECT ? DMARC_POLICY_QUARANTINE
							: DMARC_POLICY_NONE;
}

/* Nothing aligned: the policy, as soon as it is known which. */
static bool
author_fail(struct dmarc_author *author, const struct dmarc_record *record, struct lookup *lookup)
{
	enum existence existence = EXISTENCE_YES;

	if (record->np != DMARC_POLICY_ABSENT && record->np != author->published &&
	    !slice_eq(author->record_domain, slice_of(author->name)))
		existence = author_exists(slice_of(author->name), lookup);
	if (existence == EXISTENCE_PENDING)
		return false;
	if (existence == EXISTENCE_UNSURE)
		return finish(author, DMARC_TEMPERROR, "existence");
	choose_policy(author, record, existence);
	finish(author, DMARC_FAIL, author->testing ? "testing" : "unaligned");
	author->disposition = disposition_of(author);
	return true;
}

/* Notes one identity; *aligned is set by the first that aligns. */
static void
take(struct dmarc_author *author, enum dmarc_alignment alignment, struct alignments *sum,
    const struct dmarc_identity *identity, const struct dmarc_identity **aligned)
{
	sum->pending |= alignment == DMARC_ALIGN_PENDING;
	sum->unsure |= alignment == DMARC_ALIGN_UNSURE;
	if (alignment != DMARC_ALIGN_YES && alignment != DMARC_ALIGN_LEGACY)
		return;
	if (author->spf == NULL && author->dkim == NULL)
		author->legacy = true;
	if (alignment == DMARC_ALIGN_YES)
		author->legacy = false;
	if (*aligned == NULL)
		*aligned = identity;
}

static struct alignments
author_align(struct dmarc *d, struct dmarc_author *author, const struct dmarc_side *side,
    struct lookup *lookup)
{
	struct alignments sum = {false, false};

	author->spf = author->dkim = NULL;
	author->legacy = false;
	take(author, dmarc_align(d, side, &d->spf, side->record->strict_spf, lookup), &sum, &d->spf,
	    &author->spf);
	for (size_t i = 0; i < d->ndkim; i++) {
		take(author, dmarc_align(d, side, &d->dkim[i], side->record->strict_dkim, lookup),
		    &sum, &d->dkim[i], &author->dkim);
	}
	return sum;
}

/* Judges one author; its walk is finished. */
static bool
author_advance(struct dmarc *d, struct dmarc_author *author, const struct dmarc_walk *walk,
    struct lookup *lookup)
{
	const struct dmarc_place *place = place_choose(walk);
	struct alignments sum;

	author->org = walk->org;
	/* a record further up could apply as well; only the author's own cannot be outdone */
	if (walk->status == DMARC_WALK_TEMPERROR && !walk->own.there)
		return finish(author, DMARC_TEMPERROR, "dns");
	if (place == NULL)
		return finish(author, DMARC_NONE, "no-record");
	author->record_domain = place->domain;
	if (!place->record.usable)
		return finish(author, DMARC_NONE, "bad-record");
	author->testing = place->record.testing;
	choose_policy(author, &place->record, EXISTENCE_YES);
	sum = author_align(
	    d, author, &(struct dmarc_side){slice_of(author->name), walk, &place->record}, lookup);
	if (sum.pending)
		return false;
	if (author->spf != NULL || author->dkim != NULL)
		return finish(author, DMARC_PASS, author->legacy ? "legacy" : "aligned");
	if (sum.unsure)
		return finish(author, DMARC_TEMPERROR, "identity");
	return author_fail(author, &place->record, lookup);
}

bool
dmarc_advance(struct dmarc *d, struct lookup *lookup)
{
	struct dmarc_walk walks[DMARC_AUTHORS_MAX + 1];
	bool finished = true;

	d->nwalks = 0;
	/* all authors before any identity, so that no crowd of signatures takes the questions that
	 * an author's record needs */
	for (size_t i = 0; i < d->nauthors; i++) {
		walks[i].status = DMARC_WALK_DONE;
		if (d->authors[i].name[0] == '\0')
			finish(&d->authors[i], DMARC_PERMERROR, "no-domain");
		else
			dmarc_walk(&walks[i], slice_of(d->authors[i].name), lookup);
		finished &= walks[i].status != DMARC_WALK_PENDING;
	}
	if (!finished)
		return false;
	for (size_t i = 0; i < d->nauthors; i++) {
		if (d->authors[i].name[0] != '\0')
			finished &= author_advance(d, &d->authors[i], &walks[i], lookup);
	}
	return finished;
}

/* What a policy takes away first; then a result that is not known to be good. */
static unsigned
severity(const struct dmarc_author *author)
{
	static const unsigned of_result[] = {
	    [DMARC_PASS] = 0,
	    [DMARC_NONE] = 1,
	    [DMARC_TEMPERROR] = 3,
	    [DMARC_PERMERROR] = 4,
	    [DMARC_FAIL] = 2,
	};

	if (author->disposition > DMARC_POLICY_NONE)
		return 4 + (unsigned)author->disposition;
	return of_result[author->result];
}

const struct dmarc_author *
dmarc_decisive(const struct dmarc *d)
{
	const struct dmarc_author *worst = NULL;

	for (size_t i = 0; i < d->nauthors; i++) {
		if (worst == NULL || severity(&d->authors[i]) > severity(worst))
			worst = &d->authors[i];
	}
	return worst;
}
