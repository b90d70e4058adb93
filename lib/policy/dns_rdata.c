/*
 * dns_rdata.c - see dns_rdata.h.
 */
#include "policy/dns_rdata.h"

int
dns_txt_join(struct slice rdata, struct buf *out)
{
	while (rdata.n > 0) {
		size_t n = (unsigned char)rdata.p[0];
		struct slice string = slice_head(slice_from(rdata, 1), n);

		if (string.n < n)
			return -1;
		buf_add(out, string);
		rdata = slice_from(rdata, 1 + n);
	}
	return 0;
}

bool
dns_addresses_have(const struct dns_answer *answer, const struct net_addr *client, unsigned bits)
{
	size_t bytes = net_family_bits(client->family) / 8;

	for (size_t i = 0; answer->status == DNS_FOUND && i < answer->n; i++) {
		struct net_addr addr;
		struct net_cidr network;

		if (answer->rdata[i].n != bytes)
			continue;
		addr = client->family == NET_IPV6 ? net_addr_ipv6(answer->rdata[i].p)
						  : net_addr_ipv4(answer->rdata[i].p);
		network = net_addr_network(&addr, bits);
		if (net_cidr_has(&network, client))
			return true;
	}
	return false;
}
