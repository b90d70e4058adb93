/*
 * dmarc_walk.c - see dmarc_walk.h.
 */
#include "auth/dmarc_walk.h"

#include "auth/domain.h"
#include "policy/dns_rdata.h"

/* A name of this many labels or more is cut down to one less after the first query. */
#define LABELS_MAX 8

/* Reads one TXT record; false when it is no DMARC record. */
static bool
rdata_record(struct slice rdata, struct dmarc_record *record_r)
{
	char storage[DMARC_RECORD_MAX_BYTES + 1];
	struct buf text = BUF_OVER(storage);
	bool whole = dns_txt_join(rdata, &text) == 0 && !text.over;

	if (!dmarc_record_parse(buf_slice(&text), record_r))
		return false;
	record_r->usable &= whole;
	record_r->rua = record_r->ruf = slice_of(NULL);
	return true;
}

/* The one DMARC record of an answer. Several are as good as none. */
static bool
answer_record(const struct dns_answer *answer, struct dmarc_record *record_r)
{
	struct dmarc_record record;
	unsigned found = 0;

	for (size_t i = 0; i < answer->n; i++) {
		if (!rdata_record(answer->rdata[i], &record))
			continue;
		*record_r = record;
		found++;
	}
	return found == 1;
}

static const struct dns_answer *
ask(struct slice domain, struct lookup *lookup)
{
	char storage[DNS_NAME_MAX_BYTES + sizeof("_dmarc.")];
	struct buf name = BUF_OVER(storage);

	buf_add_text(&name, "_dmarc.");
	buf_add(&name, domain);
	return lookup_ask(lookup, buf_slice(&name), DNS_TXT);
}

/* Section 4.10 steps 4, 5 and 8; empty behind the top-level domain. */
static struct slice
target_next(struct slice target)
{
	size_t labels = domain_labels(target);

	return labels <= 1
		   ? slice_from(target, target.n)
		   : domain_tail(target, labels >= LABELS_MAX ? LABELS_MAX - 1 : labels - 1);
}

/* Takes one answer in; false when the walk ends there. */
static bool
step(struct dmarc_walk *walk, struct slice name, struct slice target, const struct dns_answer *a)
{
	struct dmarc_place place = {.domain = target};
	bool first = target.n == name.n;

	if (a->status == DNS_PENDING || a->status == DNS_TEMPERROR) {
		walk->status = a->status == DNS_PENDING ? DMARC_WALK_PENDING : DMARC_WALK_TEMPERROR;
		return false;
	}
	place.there = a->status == DNS_FOUND && answer_record(a, &place.record);
	if (first) {
		walk->own = place;
		walk->own_known = true;
	}
	if (!place.there)
		return true;
	walk->below = walk->highest;
	walk->highest = place;
	return place.record.psd == DMARC_PSD_UNKNOWN;
}

/* Section 4.10.2. */
static void
choose_org(struct dmarc_walk *walk, struct slice name)
{
	const struct dmarc_place *highest = &walk->highest;

	walk->org = name;
	if (!highest->there)
		return;
	walk->org = highest->domain;
	if (highest->record.psd == DMARC_PSD_YES) /* at the start, the name is all there is */
		walk->org = domain_tail(name, domain_labels(highest->domain) + 1);
}

void
dmarc_walk(struct dmarc_walk *walk, struct slice name, struct lookup *lookup)
{
	const struct dns_answer *answers[DMARC_WALK_QUERIES];
	struct slice targets[DMARC_WALK_QUERIES];
	size_t n = 0;

	*walk = (struct dmarc_walk){.status = DMARC_WALK_DONE};
	for (struct slice target = name; target.n > 0 && n < DMARC_WALK_QUERIES;
	     target = target_next(target), n++) {
		targets[n] = target;
		answers[n] = ask(target, lookup);
	}
	for (size_t i = 0; i < n; i++) {
		if (!step(walk, name, targets[i], answers[i]))
			break;
	}
	if (walk->status != DMARC_WALK_DONE)
		return;
	choose_org(walk, name);
	/* what was found under the highest counts only as the organisation's own record */
	if (!slice_eq(walk->below.domain, walk->org))
		walk->below = (struct dmarc_place){.there = false};
}
