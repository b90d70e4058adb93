/*
 * dns_public.h - resolvers that serve everybody. DNS lists see the resolver that asks, not whom it
 * asks for, and count the questions of all its users as one: so they refuse the large ones.
 */
#ifndef POLICY_DNS_PUBLIC_H
#define POLICY_DNS_PUBLIC_H

#include "base/net.h"

/* Who runs the public resolver at this address, or NULL when it is none that is known. Static. */
const char *dns_public_operator(const struct net_addr *addr);

/* The next "nameserver ADDRESS" of a resolv.conf(5), of which *text is what is left: true with the
 * address. Lines that cannot be understood are passed over. */
bool dns_public_server_next(struct slice *text, struct net_addr *server_r);

#endif
