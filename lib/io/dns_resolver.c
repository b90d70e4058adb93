/*
 * dns_resolver.c - see dns_resolver.h.
 */
#include "io/dns_resolver.h"

#define PORT_DNS 53

/* The digits of a port, 1 to 65535. */
static int
port_parse(struct slice text, unsigned *port_r)
{
	unsigned port = 0;

	if (text.n == 0 || text.n > 5)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_digit(text.p[i]))
			return -1;
		port = port * 10 + (unsigned)(text.p[i] - '0');
	}
	*port_r = port;
	return port > 0 && port <= 65535 ? 0 : -1;
}

int
dns_resolver_parse(const char *text, struct dns_resolver *resolver_r, struct err *err)
{
	struct slice value = slice_of(text);
	size_t at = slice_find(value, '@');
	struct buf server;
	struct net_addr addr;
	unsigned port = PORT_DNS;

	*resolver_r = (struct dns_resolver){.kind = DNS_RESOLVER_SYSTEM};
	if (slice_eq(value, slice_of("system")))
		return 0;
	resolver_r->kind = DNS_RESOLVER_RECURSIVE;
	if (slice_eq(value, slice_of("recursive")))
		return 0;
	resolver_r->kind = DNS_RESOLVER_SERVER;
	if (net_addr_parse(slice_head(value, at), &addr) != 0)
		return err_set(err, ERR_INVALID,
		    "write system, recursive, ADDRESS or ADDRESS@PORT; a name will not do");
	if (at < value.n && port_parse(slice_from(value, at + 1), &port) != 0)
		return err_set(err, ERR_INVALID, "the port must be a number from 1 to 65535");
	buf_init(&server, resolver_r->server, sizeof(resolver_r->server));
	net_addr_format(&server, &addr);
	buf_add_format(&server, "@%u", port);
	(void)buf_text(&server);
	return 0;
}

void
dns_resolver_format(const struct dns_resolver *resolver, struct buf *out)
{
	switch (resolver->kind) {
	case DNS_RESOLVER_SYSTEM:
		buf_add_text(out, "the resolver of /etc/resolv.conf");
		break;
	case DNS_RESOLVER_SERVER:
		buf_add_text(out, resolver->server);
		break;
	case DNS_RESOLVER_RECURSIVE:
		buf_add_text(out, "our own resolver");
		break;
	}
}
