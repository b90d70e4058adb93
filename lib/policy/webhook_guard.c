/*
 * webhook_guard.c - see webhook_guard.h.
 */
#include "policy/webhook_guard.h"

#include <assert.h>

/* The IANA registries of special-purpose addresses, what is not "globally reachable" in them
 * (RFC 6890), and multicast. 169.254.169.254 and the like are clouds' metadata. */
static const char *const internal4[] = {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", NULL};

/* The only part of IPv6 that is given out (RFC 4291 section 2.4): loopback, link-local, unique local,
 * multicast and translation are outside. */
static const char public6[] = "2000::/3";

/* What of it is none of hosts: protocols' own, with Teredo; documentation; 6to4. */
static const char *const internal6[] = {
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", NULL};

/* NAT64 (RFC 6052): the last four bytes are the IPv4 address that is meant. */
static const char nat64[] = "64:ff9b::/96";

static bool
is_in(const struct net_addr *addr, const char *network)
{
	struct net_cidr cidr;
	int status = net_cidr_parse(slice_of(network), &cidr, NULL);

	assert(status == 0); /* a constant of ours */
	(void)status;
	return net_cidr_has(&cidr, addr);
}

static bool
is_in_one(const struct net_addr *addr, const char *const *networks)
{
	for (; *networks != NULL; networks++) {
		if (is_in(addr, *networks))
			return true;
	}
	return false;
}

bool
webhook_guard_allows(
    const struct net_addr *addr, const struct net_set *own, const struct net_set *allowed)
{
	struct net_addr meant = *addr;

	if (addr->family == NET_IPV6 && is_in(addr, nat64))
		meant = net_addr_ipv4(addr->bytes + 12);
	if (net_set_has(allowed, addr) || net_set_has(allowed, &meant))
		return true;
	if (own == NULL || net_set_has(own, addr) || net_set_has(own, &meant))
		return false; /* no firewall stands between us and ourselves */
	if (meant.family == NET_IPV4)
		return !is_in_one(&meant, internal4);
	return meant.family == NET_IPV6 && is_in(&meant, public6) && !is_in_one(&meant, internal6);
}
