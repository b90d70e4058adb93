/*
 * identity.c - see identity.h.
 */
#include "policy/identity.h"

struct identity
identity_of_network(const struct net_addr *client, unsigned bits4, unsigned bits6)
{
	struct identity identity = {.kind = IDENTITY_NONE};
	struct buf text = BUF_OVER(identity.text);
	struct net_cidr network;

	if (client->family == NET_NONE)
		return identity;
	network = net_addr_network(client, client->family == NET_IPV4 ? bits4 : bits6);
	net_cidr_format(&text, &network);
	(void)buf_text(&text);
	identity.kind = IDENTITY_NETWORK;
	return identity;
}

const char *
identity_kind_name(enum identity_kind kind)
{
	static const char *const names[] = {
	    [IDENTITY_NONE] = "none",
	    [IDENTITY_NETWORK] = "network",
	};

	return names[kind];
}
