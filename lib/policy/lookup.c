/*
 * lookup.c - see lookup.h.
 */
#include "policy/lookup.h"

static const struct dns_answer answer_none = {.status = DNS_NXDOMAIN};
static const struct dns_answer answer_late = {.status = DNS_TEMPERROR};
static const struct dns_answer answer_unasked = {.status = DNS_TEMPERROR, .unasked = true};

void
lookup_init(struct lookup *lookup, struct dns *dns, int64_t until_ms)
{
	*lookup = (struct lookup){dns, dns->begin(dns), until_ms, false};
}

void
lookup_extend(struct lookup *lookup, int64_t until_ms)
{
	lookup->until_ms = until_ms;
	lookup->over = lookup->batch == NULL;
}

void
lookup_fini(struct lookup *lookup)
{
	if (lookup->dns != NULL)
		lookup->dns->end(lookup->dns, lookup->batch);
	*lookup = (struct lookup){.over = true};
}

const struct dns_answer *
lookup_ask(struct lookup *lookup, struct slice name, enum dns_type type)
{
	const struct dns_answer *answer;
	int index;

	if (lookup->batch == NULL)
		return &answer_unasked;
	index = lookup->dns->ask(lookup->dns, lookup->batch, name, type);
	if (index == DNS_ASK_NO_NAME)
		return &answer_none;
	if (index < 0)
		return &answer_unasked;
	answer = lookup->dns->answer(lookup->dns, lookup->batch, index);
	return answer->status == DNS_PENDING && lookup->over ? &answer_late : answer;
}

void
lookup_wait(struct lookup *lookup)
{
	if (lookup->batch == NULL ||
	    !lookup->dns->wait(lookup->dns, lookup->batch, lookup->until_ms))
		lookup->over = true;
}
