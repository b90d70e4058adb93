/*
 * identity.c - see identity.h.
 */
#include "policy/identity.h"

#include "policy/dns_name.h"

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

/* True for what may stand in a key beside braces and colons. The DNS allows any byte in a name, and
 * a hash tag must not be the sender's to choose. */
static bool
is_name_byte(char c)
{
	c = ascii_lower(c);
	return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-' || c == '_' || c == '.';
}

static bool
is_name(struct slice name)
{
	if (name.n == 0 || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!is_name_byte(name.p[i]))
			return false;
	}
	return true;
}

static struct identity
identity_make(enum identity_kind kind, const char *prefix, struct slice name)
{
	struct identity identity = {.kind = kind};
	struct buf text = BUF_OVER(identity.text);

	buf_add_text(&text, prefix);
	buf_add_lower(&text, name);
	(void)buf_text(&text);
	if (text.over) /* cut, it would be another's */
		return (struct identity){.kind = IDENTITY_NONE};
	return identity;
}

struct identity
identity_of_domain(struct slice domain)
{
	domain = dns_name_without_dot(domain);
	if (!is_name(domain))
		return (struct identity){.kind = IDENTITY_NONE};
	return identity_make(IDENTITY_SPF, "", domain);
}

struct identity
identity_of_host(struct slice name, struct slice domain)
{
	struct slice parent;

	name = dns_name_without_dot(name);
	domain = dns_name_without_dot(domain);
	if (!is_name(name) || !is_name(domain) || !dns_name_is_within(name, domain))
		return (struct identity){.kind = IDENTITY_NONE};
	parent = slice_from(name, slice_find(name, '.') + 1);
	return identity_make(IDENTITY_HOST, ".", parent.n < domain.n ? domain : parent);
}

enum identity_kind
identity_kind_of(struct slice text)
{
	if (text.n == 0)
		return IDENTITY_NONE;
	if (slice_find(text, '/') < text.n)
		return IDENTITY_NETWORK;
	return text.p[0] == '.' ? IDENTITY_HOST : IDENTITY_SPF;
}

const char *
identity_kind_name(enum identity_kind kind)
{
	static const char *const names[] = {
	    [IDENTITY_NONE] = "none",
	    [IDENTITY_NETWORK] = "network",
	    [IDENTITY_SPF] = "spf",
	    [IDENTITY_HOST] = "host",
	};

	return names[kind];
}
