/*
 * rdns_address.h - does a host name spell its own address?
 *
 * Providers make names for their lines out of the addresses: "h77.113.0.203.example.net",
 * "203x0x113x77", "cb00714d", "203000113077", "2001-db8--5". Who is called so was not named by
 * anybody, whatever else the name says.
 */
#ifndef POLICY_RDNS_ADDRESS_H
#define POLICY_RDNS_ADDRESS_H

#include "base/net.h"

/* True when at least the last two octets of an IPv4 address, or half of an IPv6 address, stand in
 * the name, forwards or backwards, in decimal or hexadecimal digits. */
bool rdns_has_address(struct slice name, const struct net_addr *client);

#endif
