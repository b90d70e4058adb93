/*
 * authres_methods.c - see authres_methods.h.
 */
#include "auth/authres_methods.h"

/* More signatures are not compared to name one: RFC 6008 wants it readable, no more. */
#define SIGNATURES_MAX 32

void
authres_iprev(
    struct authres *w, const char *result, const struct net_addr *client, struct slice name)
{
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf text = BUF_OVER(storage);

	net_addr_format(&text, client);
	authres_method(w, "iprev", result);
	authres_property(w, "policy", "iprev", buf_slice(&text));
	if (name.n > 0)
		authres_comment(w, name);
}

void
authres_spf(struct authres *w, const char *result, struct slice mailfrom, struct slice helo,
    const char *reason)
{
	authres_method(w, "spf", result);
	if (reason != NULL)
		authres_reason(w, slice_of(reason));
	if (mailfrom.n > 0)
		authres_property(w, "smtp", "mailfrom", mailfrom);
	else
		authres_property(w, "smtp", "helo", helo);
}

void
authres_dkim(struct authres *w, const struct authres_dkim *signatures, size_t n, size_t i)
{
	const struct authres_dkim *own = &signatures[i];
	struct slice others[SIGNATURES_MAX];
	size_t from = i < SIGNATURES_MAX ? 0 : i;
	size_t count = 0;

	for (size_t j = from; j < n && count < SIGNATURES_MAX; j++)
		others[count++] = signatures[j].signature;
	authres_method(w, "dkim", own->result);
	if (own->reason != NULL)
		authres_reason(w, slice_of(own->reason));
	authres_property(w, "header", "d", own->domain);
	authres_property(w, "header", "s", own->selector);
	authres_property(w, "header", "a", own->algorithm);
	authres_property(w, "header", "b",
	    slice_head(own->signature, authres_signature_bytes(others, count, i - from)));
}

void
authres_dmarc(struct authres *w, const struct dmarc_author *author, enum dmarc_policy applied,
    const char *override)
{
	authres_method(w, "dmarc", dmarc_result_name(author->result));
	authres_property(w, "header", "from", slice_of(author->name));
	if (author->published == DMARC_POLICY_ABSENT)
		return;
	authres_property(
	    w, "policy", "published-domain-policy", slice_of(dmarc_policy_name(author->published)));
	authres_property(w, "policy", "applied-disposition", slice_of(dmarc_policy_name(applied)));
	if (override != NULL)
		authres_property(w, "policy", "override-reason", slice_of(override));
}

void
authres_greylist(struct authres *w, int64_t delay_s)
{
	char storage[64];
	struct buf text = BUF_OVER(storage);

	if (delay_s <= 0)
		return;
	buf_add_text(&text, "delayed ");
	buf_add_u64(&text, (uint64_t)delay_s);
	buf_add_text(&text, " seconds");
	authres_method(w, "x-greylist", "pass");
	authres_comment(w, buf_slice(&text));
}
