/*
 * identity.h - who is sending, for the greylist: the thing that must come back.
 *
 * Large senders retry from other addresses, so the greylist does not ask "the same address?" but
 * "the same sender?". An identity is, the first that holds, the organisational domain that SPF
 * vouches for, the parent domain of a forward-confirmed host name, or the client's network.
 *
 * The three never have the same text, since identities become known, and being known lets mail
 * pass. Whoever rents a host in a provider's domain has a confirmed name there; he must not be taken
 * for the provider, whom SPF vouches for. So hosts are ".example.com", which is no domain name; a
 * network has a '/', which no name here may have. The kind can be read off the text.
 */
#ifndef POLICY_IDENTITY_H
#define POLICY_IDENTITY_H

#include "base/net.h"

enum identity_kind {
	IDENTITY_NONE = 0, /* nothing to greylist, or no such identity: try the next kind */
	IDENTITY_NETWORK,  /* "192.0.2.0/24" */
	IDENTITY_SPF,      /* "example.com" */
	IDENTITY_HOST,     /* ".example.com": hosts below it */
};

/* A domain name (RFC 1035: 255 bytes) or a network, with a NUL. */
#define IDENTITY_TEXT_BYTES 256

struct identity {
	enum identity_kind kind;
	char text[IDENTITY_TEXT_BYTES]; /* lower case; letters, digits and "-_./:" only */
};

/* The network of that many bits around the client. NONE for a client without an address. */
struct identity identity_of_network(const struct net_addr *client, unsigned bits4, unsigned bits6);

/* The organisational domain of a MAIL FROM that SPF passed. NONE when it is no domain name of
 * letters, digits, '-' and '_' (an internationalised one comes as "xn--…"). */
struct identity identity_of_domain(struct slice domain);

/* The parent domain of a confirmed host name that does not look like a line's (rdns_look()), but
 * nothing above `domain`, the organisational domain of that name: that itself has only this parent.
 * NONE when domain is empty (there is none, or it is not known) or the name is not within it. */
struct identity identity_of_host(struct slice name, struct slice domain);

/* The kind of an identity with that text. */
enum identity_kind identity_kind_of(struct slice text);

/* "network", "spf", "host", "none", for logs and tables. */
const char *identity_kind_name(enum identity_kind kind);

#endif
