/*
 * dnsbl_canary.c - see dnsbl_canary.h.
 */
#include "policy/dnsbl_canary.h"

#include "policy/dns_name.h"

/* The names of both entries below the zone; of lists that know IPv6 only, as 127.0.0.x mapped. */
static void
name_make(struct buf *out, const struct dnsbl_zone *z, bool listed)
{
	if (z->domains) {
		const char *test = z->known != NULL ? z->known->test_listed : NULL;

		buf_add_text(out, !listed ? "invalid" : test != NULL ? test : "test");
		buf_add_char(out, '.');
		buf_add(out, z->zone);
	} else if (z->asks == DNSBL_ASKS_IPV6) {
		struct net_addr addr = {.family = NET_IPV6,
		    .bytes = {[10] = 255, [11] = 255, [12] = 127, [15] = listed ? 2 : 1}};

		(void)dns_name_reverse(&addr, z->zone, out);
	} else {
		struct net_addr addr = {.family = NET_IPV4, .bytes = {127, 0, 0, listed ? 2 : 1}};

		(void)dns_name_reverse(&addr, z->zone, out);
	}
}

/* The first record that is an error, or (errors = false) any; NULL: there is none. */
static const struct slice *
record_find(const struct dnsbl_zone *z, const struct dns_answer *answer, bool errors)
{
	for (size_t i = 0; i < answer->n; i++) {
		if (!errors || dnsbl_is_error(z, answer->rdata[i]))
			return &answer->rdata[i];
	}
	return NULL;
}

static void
detail_set(struct dnsbl_canary *canary, const struct slice *rdata)
{
	struct buf out = BUF_OVER(canary->detail);

	for (size_t i = 0; i < rdata->n && i < 4; i++) {
		if (i > 0)
			buf_add_char(&out, '.');
		buf_add_u64(&out, (unsigned char)rdata->p[i]);
	}
	(void)buf_text(&out);
}

static enum dnsbl_canary_result
judge(struct dnsbl_canary *canary, const struct dnsbl_zone *z, const struct dns_answer *listed,
    const struct dns_answer *clear)
{
	const struct slice *error = record_find(z, listed, true);
	const struct slice *lie = record_find(z, clear, false);

	if (error == NULL)
		error = record_find(z, clear, true);
	if (error != NULL || lie != NULL)
		detail_set(canary, error != NULL ? error : lie);
	if (error != NULL)
		return DNSBL_CANARY_ERROR;
	if (lie != NULL)
		return DNSBL_CANARY_LIES;
	if (dns_answer_is_silence(listed) || dns_answer_is_silence(clear))
		return DNSBL_CANARY_SILENT;
	if (listed->status == DNS_TEMPERROR || clear->status == DNS_TEMPERROR)
		return DNSBL_CANARY_UNASKED;
	if (record_find(z, listed, false) == NULL && !z->no_test)
		return DNSBL_CANARY_DEAD;
	return DNSBL_CANARY_RIGHT;
}

bool
dnsbl_canary_advance(
    struct dnsbl_canary *canary, const struct dnsbl_zone *zone, struct lookup *lookup)
{
	char listed_storage[DNS_NAME_MAX_BYTES], clear_storage[DNS_NAME_MAX_BYTES];
	struct buf listed_name = BUF_OVER(listed_storage);
	struct buf clear_name = BUF_OVER(clear_storage);
	const struct dns_answer *listed, *clear;

	name_make(&listed_name, zone, true);
	name_make(&clear_name, zone, false);
	listed = lookup_ask(lookup, buf_slice(&listed_name), DNS_A);
	clear = lookup_ask(lookup, buf_slice(&clear_name), DNS_A);
	if (listed->status == DNS_PENDING || clear->status == DNS_PENDING)
		return false;
	*canary = (struct dnsbl_canary){.ms = -1};
	canary->result = judge(canary, zone, listed, clear);
	return true;
}
