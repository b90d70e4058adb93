/*
 * webhook_guard.h - addresses that no webhook may lead to. Accounts choose URLs, and we ask from
 * inside: without this, a URL could reach what only this network may, such as the address by which
 * clouds give out credentials.
 *
 * The address that is judged is the one that is connected to, after the name was looked up: what a
 * name meant before, or says to others, is worth nothing.
 */
#ifndef POLICY_WEBHOOK_GUARD_H
#define POLICY_WEBHOOK_GUARD_H

#include "base/net.h"

/* May it be connected to: because it is one of `allowed`, or public and none of `own`, the addresses of
 * this host? own is NULL when those are unknown: any could be one. An IPv4 address inside an IPv6 one
 * (mapped, NAT64) is judged as what it is. */
bool webhook_guard_allows(
    const struct net_addr *addr, const struct net_set *own, const struct net_set *allowed);

#endif
