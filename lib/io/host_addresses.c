/*
 * host_addresses.c - see host_addresses.h.
 */
#include "io/host_addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>

struct net_addr
host_address_of(const struct sockaddr *from)
{
	struct net_addr none = {.family = NET_NONE};

	if (from == NULL)
		return none;
	if (from->sa_family == AF_INET)
		return net_addr_ipv4(&((const struct sockaddr_in *)(const void *)from)->sin_addr);
	if (from->sa_family == AF_INET6)
		return net_addr_ipv6(&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr);
	return none;
}

static size_t
count(const struct ifaddrs *list)
{
	size_t n = 0;

	for (; list != NULL; list = list->ifa_next)
		n++;
	return n;
}

int
host_addresses_read(struct net_set *set_r)
{
	struct ifaddrs *list;
	struct net_cidr *v;
	size_t n = 0;

	if (getifaddrs(&list) != 0)
		return -1;
	v = calloc(count(list) + 1, sizeof(*v));
	for (const struct ifaddrs *one = list; v != NULL && one != NULL; one = one->ifa_next) {
		struct net_addr addr = host_address_of(one->ifa_addr);

		if (addr.family != NET_NONE)
			v[n++] = (struct net_cidr){addr, net_family_bits(addr.family)};
	}
	freeifaddrs(list);
	if (v == NULL)
		return -1;
	net_set_init(set_r, v, n);
	return 0;
}

void
host_addresses_free(struct net_set *set)
{
	free(set->v);
	*set = (struct net_set){.n = 0};
}
