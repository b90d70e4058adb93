/*
 * rdns_dynamic.h - what a reverse DNS name looks like: a host that somebody named, or one of a
 * provider's many lines.
 *
 * Names are looked at word by word (letters between digits, dots and dashes), without the last
 * labels, which are the provider's own: "cable.example" may well be called so. A word for mail
 * ("smtp", "mx", "out") says that somebody means to send mail from there, and outweighs the rest
 * unless the name says "dynamic" and spells the address as well.
 *
 * Two questions hang on the answer. A dynamic line has no business sending mail directly, which may
 * weigh something. And a line's name says who the provider is, not who the sender is: neither a
 * dynamic nor a static line's name may stand for a sender (see identity.h), or all the customers of
 * a provider were one.
 */
#ifndef POLICY_RDNS_DYNAMIC_H
#define POLICY_RDNS_DYNAMIC_H

#include "base/net.h"

enum rdns_look {
	RDNS_LOOK_HOST,    /* "mx1.example.com": named by hand */
	RDNS_LOOK_STATIC,  /* "static-203-0-113-77.example.net": a line or a rented server */
	RDNS_LOOK_DYNAMIC, /* "p203-0-113-77.dsl.example.net" */
};

/* name: a domain name as text, in any case; client: whose name it is. */
enum rdns_look rdns_look(struct slice name, const struct net_addr *client);

#endif
