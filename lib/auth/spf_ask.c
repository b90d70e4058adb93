/*
 * spf_ask.c - see spf_parts.h: what an evaluation asks for, what that is called, and what it counts.
 */
#include "auth/spf_parts.h"

enum spf_match
spf_eval_stop(struct spf_eval *e, enum spf_code code, const char *problem)
{
	e->stop = code;
	(void)err_set(&e->found->problem, ERR_INVALID, "%s", problem);
	return SPF_STOP;
}

bool
spf_eval_count(struct spf_eval *e)
{
	if (e->unlimited)
		return true;
	if (e->found->lookups == e->spf->limits.lookups) {
		(void)spf_eval_stop(e, SPF_PERMERROR, "the policy costs too many lookups");
		return false;
	}
	e->found->lookups++;
	return true;
}

/* To the canary, for whom nobody asks: what is not known lets nobody pass. */
static const struct dns_answer answer_unknown = {.status = DNS_PENDING};

const struct dns_answer *
spf_eval_ask(struct spf_eval *e, struct slice name, enum dns_type type)
{
	struct spf_entry *entry;

	if (e->canary) {
		entry = spf_entry_find(e->spf, name, type);
		return entry == NULL || entry->answer == NULL ? &answer_unknown : entry->answer;
	}
	entry = spf_entry_get(e->spf, name, type);
	if (entry == NULL) {
		bool full = e->spf->arena->failed;

		(void)spf_eval_stop(e, full ? SPF_TEMPERROR : SPF_PERMERROR,
		    full ? "no memory" : "the policy costs too many questions to DNS");
		return NULL;
	}
	entry->run = e->spf->run;
	if (entry->answer != NULL)
		return entry->answer;
	e->waiting = true;
	e->stop = SPF_TEMPERROR;
	e->spf->wanted = entry;
	return NULL;
}

bool
spf_eval_void(struct spf_eval *e, const struct dns_answer *answer)
{
	if (e->unlimited || (answer->status != DNS_NXDOMAIN && answer->status != DNS_NODATA))
		return true;
	if (e->found->voids == e->spf->limits.voids) {
		(void)spf_eval_stop(
		    e, SPF_PERMERROR, "the policy asks for too much that does not exist");
		return false;
	}
	e->found->voids++;
	return true;
}

/* What was asked and not come upon yet may find nothing, and must not be more than would then be
 * found out: so neither lookups nor voids are ever more than the limits allow. */
unsigned
spf_eval_room(const struct spf_eval *e)
{
	const struct spf *spf = e->spf;
	unsigned taken = e->found->voids;

	for (const struct spf_entry *entry = spf->entries; entry != NULL; entry = entry->next)
		taken += entry->run != spf->run || entry == spf->wanted ? 1 : 0;
	return taken > spf->limits.voids ? 0 : spf->limits.voids + 1 - taken;
}

struct spf_macros
spf_eval_macros(const struct spf_eval *e, struct slice domain)
{
	const struct spf *spf = e->spf;

	return (struct spf_macros){
	    .local = spf->local,
	    .sender_domain = spf->sender_domain,
	    .domain = domain,
	    .helo = spf->helo,
	    .receiver = spf->receiver,
	    .client = e->client,
	    .now_s = spf->now_s,
	};
}

/* Section 7.3: a name that is too long loses labels on its left. */
static struct slice
name_cut(struct slice name)
{
	size_t dot = name.n > 0 && name.p[name.n - 1] == '.' ? 1 : 0;

	while (name.n > DNS_NAME_MAX_BYTES + dot && slice_find(name, '.') < name.n)
		name = slice_from(name, slice_find(name, '.') + 1);
	return name;
}

enum spf_match
spf_eval_target(struct spf_eval *e, struct slice domain, struct slice spec, struct buf *out)
{
	struct spf_macros macros = spf_eval_macros(e, domain);
	char expanded_bytes[SPF_EXPANSION_BYTES], validated_bytes[SPF_NAME_ROOM];
	struct buf expanded = BUF_OVER(expanded_bytes);
	struct buf validated = BUF_OVER(validated_bytes);

	if (spec.n == 0) {
		buf_add(out, domain);
		return SPF_MATCH;
	}
	if (spf_macro_uses(spec, 'p') && spf_validated_name(e, domain, &validated) == SPF_STOP)
		return SPF_STOP;
	macros.validated = buf_slice(&validated);
	if (spf_macro_expand(&macros, spec, &expanded) != 0)
		return spf_eval_stop(e, SPF_PERMERROR, "a macro expands to too much");
	return spf_name_make(name_cut(buf_slice(&expanded)), out) == 0 ? SPF_MATCH : SPF_NO_MATCH;
}
