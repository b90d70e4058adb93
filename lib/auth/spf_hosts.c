/*
 * spf_hosts.c - the mechanisms that ask for hosts: a, mx, ptr and exists (RFC 7208 section 5), and
 * the client's validated name.
 */
#include "auth/spf_parts.h"

#include "policy/dns_rdata.h"

static enum dns_type
address_type(const struct spf_eval *e)
{
	return e->client->family == NET_IPV6 ? DNS_AAAA : DNS_A;
}

static bool
is_temporary(const struct dns_answer *answer)
{
	return answer->status == DNS_TEMPERROR;
}

static enum spf_match
stop_temporary(struct spf_eval *e, struct slice name)
{
	char text[SPF_NAME_ROOM + 40];
	struct buf why = BUF_OVER(text);

	buf_add(&why, name);
	buf_add_text(&why, " cannot be looked up now");
	return spf_eval_stop(e, SPF_TEMPERROR, buf_text(&why));
}

/* True when the client is in the network around one of the addresses. */
static bool
is_client_in(const struct spf_eval *e, const struct dns_answer *answer, const struct spf_term *term)
{
	return dns_addresses_have(
	    answer, e->client, e->client->family == NET_IPV6 ? term->bits6 : term->bits4);
}

/* True for "found nothing" that counts as void. A client with IPv6 asks many a host for an address
 * that it merely does not have: that is no sign of a made-up name. */
static bool
is_void(const struct spf_eval *e, const struct dns_answer *answer, const struct spf_term *term)
{
	return answer->status != DNS_NODATA || term->mechanism == SPF_EXISTS ||
	       e->client->family != NET_IPV6;
}

static enum spf_match
a_match(struct spf_eval *e, const struct spf_term *term, struct slice name)
{
	bool exists = term->mechanism == SPF_EXISTS; /* IPv4 whatever the client (section 5.7) */
	const struct dns_answer *answer = spf_eval_ask(e, name, exists ? DNS_A : address_type(e));

	if (answer == NULL)
		return SPF_STOP;
	if (is_temporary(answer))
		return stop_temporary(e, name);
	if (is_void(e, answer, term) && !spf_eval_void(e, answer))
		return SPF_STOP;
	if (exists)
		return answer->status == DNS_FOUND && answer->n > 0 ? SPF_MATCH : SPF_NO_MATCH;
	return is_client_in(e, answer, term) ? SPF_MATCH : SPF_NO_MATCH;
}

/* The name in an MX or PTR record, behind `skip` bytes; false when it is none to ask for. */
static bool
rdata_name(struct slice rdata, size_t skip, struct buf *out)
{
	char text[SPF_NAME_ROOM];
	struct buf name = BUF_OVER(text);

	buf_reset(out);
	return rdata.n > skip && dns_name_from_wire(slice_from(rdata, skip), &name) == 0 &&
	       spf_name_make(buf_slice(&name), out) == 0;
}

/* Asks for the hosts from the record at index `from` on, while the first of them is awaited. */
static void
hosts_foresee(
    struct spf_eval *e, const struct dns_answer *answer, size_t from, size_t skip, unsigned room)
{
	char text[SPF_NAME_ROOM];
	struct buf name = BUF_OVER(text);

	for (size_t i = from; i < answer->n && i < e->spf->limits.names && room > 0; i++, room--) {
		if (rdata_name(answer->rdata[i], skip, &name))
			(void)spf_entry_get(e->spf, buf_slice(&name), address_type(e));
	}
}

/* Section 5.4. The order of MX records makes no difference. */
static enum spf_match
mx_match(struct spf_eval *e, const struct spf_term *term, struct slice target)
{
	const struct dns_answer *answer = spf_eval_ask(e, target, DNS_MX);
	enum spf_match match = SPF_NO_MATCH;
	char text[SPF_NAME_ROOM];
	struct buf name = BUF_OVER(text);

	if (answer == NULL)
		return SPF_STOP;
	if (is_temporary(answer))
		return stop_temporary(e, target);
	if (!spf_eval_void(e, answer))
		return SPF_STOP;
	if (answer->n > e->spf->limits.names)
		return spf_eval_stop(e, SPF_PERMERROR, "the policy has an mx with too many hosts");
	for (size_t i = 0; match == SPF_NO_MATCH && i < answer->n; i++) {
		if (!rdata_name(answer->rdata[i], 2, &name))
			continue;
		match = a_match(e, term, buf_slice(&name));
		if (e->waiting)
			hosts_foresee(e, answer, i + 1, 2, spf_eval_room(e));
	}
	return match;
}

/* ---- the client's own names ---- */

/* How near a name is to the domain. */
enum near {
	NEAR_ANY,
	NEAR_BELOW,
	NEAR_SAME,
};

static enum near
name_near(struct slice name, struct slice domain)
{
	if (!slice_ends(name, domain))
		return NEAR_ANY;
	if (name.n == domain.n)
		return NEAR_SAME;
	return name.p[name.n - domain.n - 1] == '.' ? NEAR_BELOW : NEAR_ANY;
}

/* The PTR records of the client. NULL: the evaluation ends. */
static const struct dns_answer *
client_names(struct spf_eval *e)
{
	char text[SPF_NAME_ROOM];
	struct buf name = BUF_OVER(text);

	(void)dns_name_reverse(e->client, slice_of(NULL), &name);
	return spf_eval_ask(e, buf_slice(&name), DNS_PTR);
}

/* Does that name lead back to the client (section 5.5)? What cannot be found out is a no. Names of
 * clients are no fault of the policy: they do not count as void. */
static enum spf_match
name_validate(struct spf_eval *e, struct slice name)
{
	static const struct spf_term whole = {.bits4 = 32, .bits6 = 128};
	const struct dns_answer *answer = spf_eval_ask(e, name, address_type(e));

	if (answer == NULL)
		return SPF_STOP;
	return is_client_in(e, answer, &whole) ? SPF_MATCH : SPF_NO_MATCH;
}

/* The first validated name that is as near to the domain as wanted, in out. */
static enum spf_match
names_search(struct spf_eval *e, const struct dns_answer *names, struct slice domain,
    enum near wanted, struct buf *out)
{
	for (size_t i = 0; i < names->n && i < e->spf->limits.names; i++) {
		enum spf_match match;

		if (!rdata_name(names->rdata[i], 0, out) ||
		    name_near(buf_slice(out), domain) < wanted)
			continue;
		match = name_validate(e, buf_slice(out));
		if (match != SPF_NO_MATCH)
			return match;
	}
	return SPF_NO_MATCH;
}

static enum spf_match
ptr_match(struct spf_eval *e, struct slice target)
{
	const struct dns_answer *names = client_names(e);
	char text[SPF_NAME_ROOM];
	struct buf name = BUF_OVER(text);

	if (names == NULL || !spf_eval_void(e, names))
		return SPF_STOP;
	return names_search(e, names, target, NEAR_BELOW, &name);
}

enum spf_match
spf_validated_name(struct spf_eval *e, struct slice domain, struct buf *out)
{
	const struct dns_answer *names;
	enum spf_match match = SPF_NO_MATCH;

	if (!e->validated && !spf_eval_count(e))
		return SPF_STOP;
	e->validated = true;
	names = client_names(e);
	if (names == NULL)
		return SPF_STOP;
	for (int wanted = NEAR_SAME; match == SPF_NO_MATCH && wanted >= NEAR_ANY; wanted--)
		match = names_search(e, names, domain, (enum near)wanted, out);
	if (match != SPF_MATCH)
		buf_reset(out);
	return match == SPF_STOP ? SPF_STOP : SPF_NO_MATCH;
}

enum spf_match
spf_match_hosts(struct spf_eval *e, const struct spf_term *term, struct slice target)
{
	switch (term->mechanism) {
	case SPF_MX:
		return mx_match(e, term, target);
	case SPF_PTR:
		return ptr_match(e, target);
	default:
		return a_match(e, term, target);
	}
}
