/*
 * spf_eval.c - check_host() of RFC 7208 section 4, over the answers that are known.
 */
#include "auth/spf_parts.h"

static enum spf_code check_host(struct spf_eval *e, struct slice name, bool included);

/* Section 5.2: what the other policy says, read as a question about the client. */
static enum spf_match
include_match(struct spf_eval *e, struct slice target)
{
	struct spf_found *found = e->found;
	struct slice mechanism = found->mechanism;
	enum spf_code code = check_host(e, target, true);

	found->mechanism = mechanism;
	switch (code) {
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		e->stop = code;
		return SPF_STOP;
	case SPF_NONE:
		return spf_eval_stop(
		    e, SPF_PERMERROR, "the policy includes one that does not exist");
	case SPF_NEUTRAL:
	case SPF_FAIL:
	case SPF_SOFTFAIL:
		break;
	}
	return SPF_NO_MATCH;
}

static bool
network_has(const struct spf_eval *e, const struct spf_term *term)
{
	unsigned bits = term->mechanism == SPF_IP4 ? term->bits4 : term->bits6;
	enum net_family family = term->mechanism == SPF_IP4 ? NET_IPV4 : NET_IPV6;
	struct net_cidr network = net_addr_network(&term->network, bits);

	/* "ip6:::ffff:192.0.2.1" is no IPv6 network that a client could be in */
	return term->network.family == family && net_cidr_has(&network, e->client);
}

static enum spf_match
term_match(struct spf_eval *e, const struct spf_term *term, struct slice domain)
{
	char target_bytes[SPF_NAME_ROOM];
	struct buf target = BUF_OVER(target_bytes);
	enum spf_match match;

	if (term->mechanism == SPF_ALL)
		return SPF_MATCH;
	if (!spf_term_is_lookup(term))
		return network_has(e, term) ? SPF_MATCH : SPF_NO_MATCH;
	if (!spf_eval_count(e))
		return SPF_STOP;
	match = spf_eval_target(e, domain, term->spec, &target);
	if (match == SPF_STOP)
		return match;
	if (term->mechanism == SPF_INCLUDE)
		return match == SPF_MATCH ? include_match(e, buf_slice(&target))
					  : spf_eval_stop(e, SPF_PERMERROR,
						"the policy includes what is no domain name");
	return match == SPF_MATCH ? spf_match_hosts(e, term, buf_slice(&target)) : SPF_NO_MATCH;
}

/* ---- asking ahead ---- */

static enum dns_type
term_type(const struct spf_eval *e, const struct spf_term *term)
{
	switch (term->mechanism) {
	case SPF_INCLUDE:
		return DNS_TXT;
	case SPF_MX:
		return DNS_MX;
	case SPF_EXISTS:
		return DNS_A;
	default:
		return e->client->family == NET_IPV6 ? DNS_AAAA : DNS_A;
	}
}

/* While an answer is awaited, the terms behind it are asked for, as far as it is certain that they
 * will be counted when they are come upon: to the first include, whose costs nobody knows. */
static void
terms_foresee(struct spf_eval *e, struct slice terms, struct slice domain)
{
	unsigned lookups = e->found->lookups;
	struct spf_term term;

	while (spf_term_next(&terms, &term) && term.mechanism != SPF_ALL) {
		char target_bytes[SPF_NAME_ROOM];
		struct buf target = BUF_OVER(target_bytes);

		if (!spf_term_is_lookup(&term))
			continue;
		if (lookups++ == e->spf->limits.lookups || spf_eval_room(e) == 0)
			return;
		if (term.mechanism != SPF_PTR && !spf_macro_uses(term.spec, 'p') &&
		    spf_eval_target(e, domain, term.spec, &target) == SPF_MATCH)
			(void)spf_entry_get(e->spf, buf_slice(&target), term_type(e, &term));
		if (term.mechanism == SPF_INCLUDE)
			return;
	}
}

/* ---- records ---- */

/* Goes through the terms. True: one matched, or the evaluation ends, with the code. */
static bool
terms_walk(struct spf_eval *e, const struct spf_entry *entry, enum spf_code *code_r)
{
	struct slice terms = entry->record.terms;
	struct spf_term term;

	while (spf_term_next(&terms, &term)) {
		enum spf_match match = term_match(e, &term, entry->name);

		if (match == SPF_NO_MATCH)
			continue;
		*code_r = match == SPF_MATCH ? term.qualifier : e->stop;
		if (match == SPF_MATCH) {
			e->found->mechanism = term.text;
			e->found->record = entry->name;
		} else if (e->waiting && term.mechanism != SPF_INCLUDE) {
			terms_foresee(e, terms, entry->name);
		}
		return true;
	}
	return false;
}

/* Fetches and reads a policy: NULL, with the code, when there is none to go by. */
static struct spf_entry *
policy_fetch(struct spf_eval *e, struct slice name, enum spf_code *code_r)
{
	struct spf_entry *entry;

	*code_r = SPF_NONE;
	if (spf_eval_ask(e, name, DNS_TXT) == NULL) {
		*code_r = e->stop;
		return NULL;
	}
	entry = spf_entry_find(e->spf, name, DNS_TXT);
	*code_r = SPF_NEUTRAL; /* the canary, again */
	if (entry == NULL || entry->answer == NULL)
		return NULL;
	*code_r = spf_entry_read(e->spf, entry);
	if (*code_r == SPF_PASS)
		return entry;
	(void)err_set(&e->found->problem, ERR_INVALID, "%.*s: %.*s",
	    SLICE_ARG(slice_head(entry->name, 80)), SLICE_ARG(slice_head(entry->problem, 140)));
	e->found->record = entry->name;
	return NULL;
}

/* Section 6.1: the name of the policy that takes over, in out. */
static enum spf_match
redirect_target(struct spf_eval *e, const struct spf_entry *entry, struct buf *out)
{
	enum spf_match match;

	if (!spf_eval_count(e))
		return SPF_STOP;
	match = spf_eval_target(e, entry->name, entry->record.redirect, out);
	if (match == SPF_NO_MATCH)
		return spf_eval_stop(
		    e, SPF_PERMERROR, "the policy redirects to what is no domain name");
	return match;
}

/* Section 4. Each record after the first was counted, so limits.lookups bounds loop and depth. */
static enum spf_code
check_host(struct spf_eval *e, struct slice name, bool included)
{
	char name_bytes[SPF_NAME_ROOM];
	struct buf next = BUF_OVER(name_bytes);
	bool redirected = false;
	enum spf_code code;

	for (;; redirected = true) {
		struct spf_entry *entry = policy_fetch(e, name, &code);

		if (entry == NULL && code == SPF_NONE && redirected)
			(void)spf_eval_stop(e, code = SPF_PERMERROR,
			    "the policy redirects to one that does not exist");
		if (entry == NULL)
			return code;
		if (terms_walk(e, entry, &code)) {
			if (!included) {
				e->exp = entry->record.exp;
				e->exp_domain = entry->name;
			}
			return code;
		}
		e->found->record = entry->name;
		if (entry->record.redirect.n == 0)
			return SPF_NEUTRAL;
		buf_reset(&next);
		if (redirect_target(e, entry, &next) == SPF_STOP)
			return e->stop;
		name = buf_slice(&next);
	}
}

static bool
own_evaluate(struct spf *spf, const struct net_addr *client, bool canary, struct spf_found *found_r)
{
	struct spf_eval e = {.spf = spf, .client = client, .canary = canary, .found = found_r};

	*found_r = (struct spf_found){.code = SPF_NONE};
	found_r->code = check_host(&e, spf->domain, false);
	if (e.waiting)
		return false;
	if (found_r->code == SPF_FAIL && e.exp.n > 0 && !canary)
		return spf_explain(&e);
	return true;
}

const struct spf_engine spf_engine_own = {"own", own_evaluate};
