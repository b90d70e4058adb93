/*
 * rdns.c - see rdns.h.
 */
#include "policy/rdns.h"

#include "policy/dns_rdata.h"

/* Nibbles with dots, and "ip6.arpa". */
#define REVERSE_NAME_BYTES 80

void
rdns_init(struct rdns *r, const struct net_addr *client)
{
	/* not the names: that would be 2.5 KB of zeros for every connection */
	r->client = *client;
	r->outcome = RDNS_NONE;
	r->named = false;
	r->name = NULL;
	r->n = 0;
}

/* ---- the names ---- */

/* Below 0 when a is to be preferred. */
static int
name_compare(const struct rdns_name *a, const struct rdns_name *b)
{
	if (a->look != b->look)
		return a->look < b->look ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* Keeps the best names in order, each once: which of too many are kept, must not hang on the order
 * that they came in. */
static void
name_keep(struct rdns *r, const struct rdns_name *name)
{
	size_t at = 0;

	while (at < r->n && name_compare(&r->names[at], name) < 0)
		at++;
	if (at == RDNS_NAMES_MAX || (at < r->n && name_compare(&r->names[at], name) == 0))
		return;
	if (r->n < RDNS_NAMES_MAX)
		r->n++;
	memmove(&r->names[at + 1], &r->names[at], (r->n - 1 - at) * sizeof(*name));
	r->names[at] = *name;
}

static void
names_read(struct rdns *r, const struct dns_answer *ptr)
{
	for (size_t i = 0; i < ptr->n; i++) {
		struct rdns_name name;
		struct buf text = BUF_OVER(name.text);

		/* what is no name leads nowhere, as a name without an address does */
		if (dns_name_from_wire(ptr->rdata[i], &text) != 0)
			continue;
		name.look = rdns_look(buf_slice(&text), &r->client);
		(void)buf_text(&text);
		name_keep(r, &name);
	}
	r->named = true;
}

/* True when the names are there, or the outcome is known without them. */
static bool
names_ask(struct rdns *r, struct lookup *lookup)
{
	char storage[REVERSE_NAME_BYTES];
	struct buf reverse = BUF_OVER(storage);
	const struct dns_answer *ptr;

	if (dns_name_reverse(&r->client, slice_of(NULL), &reverse) != 0)
		return true;
	ptr = lookup_ask(lookup, buf_slice(&reverse), DNS_PTR);
	if (ptr->status == DNS_FOUND && ptr->n > 0)
		names_read(r, ptr);
	else if (ptr->status == DNS_TEMPERROR)
		r->outcome = RDNS_TEMPERROR;
	else if (ptr->status != DNS_PENDING)
		r->outcome = RDNS_NO_PTR;
	return ptr->status != DNS_PENDING;
}

/* ---- the way back ---- */

/* Asks for all names at once. True when the outcome is known: when a name is confirmed and those
 * before it are answered, or all are answered. */
static bool
names_confirm(struct rdns *r, struct lookup *lookup)
{
	enum dns_type type = r->client.family == NET_IPV4 ? DNS_A : DNS_AAAA;
	const struct rdns_name *confirmed = NULL;
	bool pending = false;
	size_t failed = 0;
	size_t mismatched = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct dns_answer *answer = lookup_ask(
		    lookup, slice_of(r->names[i].text), type);
		bool has = dns_addresses_have(
		    answer, &r->client, net_family_bits(r->client.family));

		if (has && confirmed == NULL && !pending)
			confirmed = &r->names[i];
		pending = pending || answer->status == DNS_PENDING;
		failed += answer->status == DNS_TEMPERROR;
		mismatched += answer->status == DNS_FOUND && answer->n > 0;
	}
	if (confirmed == NULL && pending)
		return false;
	r->name = confirmed;
	if (confirmed != NULL)
		r->outcome = RDNS_PASS;
	else if (failed > 0)
		r->outcome = RDNS_TEMPERROR;
	else
		r->outcome = mismatched > 0 ? RDNS_MISMATCH : RDNS_FORWARD_FAILED;
	return true;
}

bool
rdns_advance(struct rdns *r, struct lookup *lookup)
{
	if (r->outcome != RDNS_NONE || r->client.family == NET_NONE)
		return true;
	if (!r->named && !names_ask(r, lookup))
		return false;
	return !r->named || names_confirm(r, lookup);
}

/* ---- words ---- */

struct slice
rdns_name(const struct rdns *r)
{
	return slice_of(r->name == NULL ? NULL : r->name->text);
}

static const struct {
	const char *name;
	const char *iprev;
	const char *words;
} outcomes[] = {
    [RDNS_NONE] = {"none", NULL, NULL},
    [RDNS_PASS] = {"pass", "pass", NULL},
    [RDNS_MISMATCH] = {"mismatch", "fail", "reverse DNS name belongs to another address"},
    [RDNS_NO_PTR] = {"no_ptr", "permerror", "no reverse DNS name"},
    [RDNS_FORWARD_FAILED] = {"forward_failed", "fail", "reverse DNS name has no address"},
    [RDNS_TEMPERROR] = {"temperror", "temperror", NULL},
};

const char *
rdns_outcome_name(enum rdns_outcome outcome)
{
	return outcomes[outcome].name;
}

const char *
rdns_iprev(enum rdns_outcome outcome)
{
	return outcomes[outcome].iprev;
}

const char *
rdns_words(enum rdns_outcome outcome)
{
	return outcomes[outcome].words;
}
