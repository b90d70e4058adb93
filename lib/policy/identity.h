/*
 * identity.h - who is sending, for the greylist: the thing that must come back.
 *
 * Large senders retry from other addresses, so the greylist does not ask "the same address?" but
 * "the same sender?". An identity is, the first that holds, the organisational domain that SPF
 * vouches for, the parent domain of a forward-confirmed host name, or the client's network.
 * (The first two need DNS and come with the SPF and reverse DNS checks.)
 */
#ifndef POLICY_IDENTITY_H
#define POLICY_IDENTITY_H

#include "base/net.h"

enum identity_kind {
	IDENTITY_NONE = 0, /* no client address: nothing to greylist */
	IDENTITY_NETWORK,  /* "192.0.2.0/24" */
};

/* A domain name (RFC 1035: 255 bytes) or a network, with a NUL. */
#define IDENTITY_TEXT_BYTES 256

struct identity {
	enum identity_kind kind;
	char text[IDENTITY_TEXT_BYTES]; /* lower case; never holds '{' or '}' */
};

/* The network of that many bits around the client. */
struct identity identity_of_network(const struct net_addr *client, unsigned bits4, unsigned bits6);

/* "network", for logs and tables. */
const char *identity_kind_name(enum identity_kind kind);

#endif
