/*
 * dns_resolver.h - the option dns.resolver, understood.
 */
#ifndef IO_DNS_RESOLVER_H
#define IO_DNS_RESOLVER_H

#include "base/err.h"
#include "base/net.h"

enum dns_resolver_kind {
	DNS_RESOLVER_SYSTEM,    /* the servers of /etc/resolv.conf */
	DNS_RESOLVER_SERVER,    /* one server */
	DNS_RESOLVER_RECURSIVE, /* nobody: we ask from the root on */
};

/* "ADDRESS@65535" with a NUL. */
#define DNS_SERVER_BYTES (NET_ADDR_TEXT_BYTES + 6)

struct dns_resolver {
	enum dns_resolver_kind kind;
	char server[DNS_SERVER_BYTES]; /* SERVER: "ADDRESS@PORT" */
};

/* "system", "recursive", "ADDRESS" or "ADDRESS@PORT": 0, or -1 with what is wrong. */
int dns_resolver_parse(const char *text, struct dns_resolver *resolver_r, struct err *err);

/* How to call it in a sentence: "127.0.0.1@53", "the resolver of /etc/resolv.conf". */
void dns_resolver_format(const struct dns_resolver *resolver, struct buf *out);

#endif
