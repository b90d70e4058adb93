/*
 * host_addresses.h - the addresses that this host has now.
 */
#ifndef IO_HOST_ADDRESSES_H
#define IO_HOST_ADDRESSES_H

#include "base/net.h"

#include <sys/socket.h>

/* NET_NONE for what is no IP address; NULL is allowed. */
struct net_addr host_address_of(const struct sockaddr *from);

/* Those of all interfaces, whether they are up or not. 0 with a set to be freed, or -1. */
int host_addresses_read(struct net_set *set_r);
void host_addresses_free(struct net_set *set);

#endif
