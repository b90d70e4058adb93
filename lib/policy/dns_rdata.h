/*
 * dns_rdata.h - what is in the records of an answer. Names in them: see dns_name.h.
 */
#ifndef POLICY_DNS_RDATA_H
#define POLICY_DNS_RDATA_H

#include "policy/dns.h"

/* Appends the strings of a TXT record, joined without anything between them (RFC 7208 section 3.3,
 * RFC 6376 section 3.6.2.2); what does not fit sets out->over. 0, or -1 when the last is cut off: it
 * is left out then. */
int dns_txt_join(struct slice rdata, struct buf *out);

/* True when one of the addresses (A or AAAA, as is the client's family) has its first `bits` bits in
 * common with the client. */
bool dns_addresses_have(
    const struct dns_answer *answer, const struct net_addr *client, unsigned bits);

#endif
