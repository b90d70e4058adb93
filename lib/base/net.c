/*
 * net.c - see net.h.
 */
#include "base/net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

unsigned
net_family_bits(enum net_family family)
{
	return family == NET_IPV4 ? 32 : family == NET_IPV6 ? 128 : 0;
}

struct net_addr
net_addr_ipv4(const void *bytes4)
{
	struct net_addr addr = {.family = NET_IPV4};

	memcpy(addr.bytes, bytes4, 4);
	return addr;
}

struct net_addr
net_addr_ipv6(const void *bytes16)
{
	struct net_addr addr = {.family = NET_IPV6};

	memcpy(addr.bytes, bytes16, 16);
	if (memcmp(addr.bytes, mapped_prefix, sizeof(mapped_prefix)) == 0)
		return net_addr_ipv4(addr.bytes + 12);
	return addr;
}

int
net_addr_parse(struct slice text, struct net_addr *addr_r)
{
	static const struct slice tag = SLICE_LIT("IPv6:");
	bool tagged = slice_starts_nocase(text, tag);
	char storage[NET_ADDR_TEXT_BYTES];
	uint8_t bytes[16];

	if (tagged)
		text = slice_from(text, tag.n);
	if (text.n == 0 || text.n >= sizeof(storage) || slice_find(text, '\0') < text.n)
		return -1;
	memcpy(storage, text.p, text.n);
	storage[text.n] = '\0';
	if (!tagged && inet_pton(AF_INET, storage, bytes) == 1)
		*addr_r = net_addr_ipv4(bytes);
	else if (inet_pton(AF_INET6, storage, bytes) == 1)
		*addr_r = net_addr_ipv6(bytes);
	else
		return -1;
	return 0;
}

bool
net_addr_is_loopback(const struct net_addr *addr)
{
	static const uint8_t one[16] = {[15] = 1};

	if (addr->family == NET_IPV4)
		return addr->bytes[0] == 127;
	return addr->family == NET_IPV6 && memcmp(addr->bytes, one, sizeof(one)) == 0;
}

bool
net_addr_eq(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct net_cidr
net_addr_network(const struct net_addr *addr, unsigned bits)
{
	unsigned all = net_family_bits(addr->family);
	struct net_cidr cidr = {*addr, bits < all ? bits : all};

	for (unsigned i = 0; i < sizeof(cidr.addr.bytes); i++) {
		unsigned keep = cidr.bits > 8 * i ? cidr.bits - 8 * i : 0;

		if (keep < 8)
			cidr.addr.bytes[i] &= (uint8_t)(0xff00u >> keep);
	}
	return cidr;
}

void
net_addr_format(struct buf *out, const struct net_addr *addr)
{
	char text[NET_ADDR_TEXT_BYTES];
	int family = addr->family == NET_IPV4 ? AF_INET : AF_INET6;

	if (addr->family != NET_NONE && inet_ntop(family, addr->bytes, text, sizeof(text)) != NULL)
		buf_add_text(out, text);
}

void
net_cidr_format(struct buf *out, const struct net_cidr *cidr)
{
	net_addr_format(out, &cidr->addr);
	buf_add_char(out, '/');
	buf_add_u64(out, cidr->bits);
}

/* The decimal number after the slash; at most three digits, no sign, no leading zero. */
static int
prefix_parse(struct slice text, unsigned min, unsigned max, unsigned *bits_r)
{
	unsigned bits = 0;

	if (text.n == 0 || text.n > 3 || (text.n > 1 && text.p[0] == '0'))
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_digit(text.p[i]))
			return -1;
		bits = bits * 10 + (unsigned)(text.p[i] - '0');
	}
	*bits_r = bits - min;
	return bits >= min && bits <= max ? 0 : -1;
}

int
net_cidr_parse(struct slice text, struct net_cidr *cidr_r, struct err *err)
{
	size_t slash = slice_find(text, '/');
	struct net_addr addr;
	unsigned mapped, all, bits;

	if (net_addr_parse(slice_head(text, slash), &addr) != 0)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no IP address or network",
		    SLICE_ARG(slice_head(text, NET_CIDR_TEXT_BYTES)));
	/* ::ffff:192.0.2.0/120 is 192.0.2.0/24 */
	mapped = addr.family == NET_IPV4 && slice_find(text, ':') < slash ? 96 : 0;
	all = bits = net_family_bits(addr.family);
	if (slash < text.n &&
	    prefix_parse(slice_from(text, slash + 1), mapped, mapped + all, &bits) != 0)
		return err_set(err, ERR_INVALID,
		    "\"%.*s\": the prefix length must be a number from %u to %u, without "
		    "leading zeros",
		    SLICE_ARG(slice_head(text, NET_CIDR_TEXT_BYTES)), mapped, mapped + all);
	*cidr_r = net_addr_network(&addr, bits);
	if (!net_addr_eq(&cidr_r->addr, &addr)) {
		char storage[NET_CIDR_TEXT_BYTES];
		struct buf meant = BUF_OVER(storage);

		net_cidr_format(&meant, cidr_r);
		return err_set(err, ERR_INVALID,
		    "\"%.*s\" has bits set beyond its prefix length; did you mean %s?",
		    SLICE_ARG(text), buf_text(&meant));
	}
	return 0;
}

bool
net_cidr_has(const struct net_cidr *cidr, const struct net_addr *addr)
{
	struct net_cidr network = net_addr_network(addr, cidr->bits);

	return net_addr_eq(&network.addr, &cidr->addr);
}

static int
cidr_compare(const void *left, const void *right)
{
	const struct net_cidr *a = left;
	const struct net_cidr *b = right;
	int order;

	if (a->addr.family != b->addr.family)
		return a->addr.family < b->addr.family ? -1 : 1;
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	order = memcmp(a->addr.bytes, b->addr.bytes, sizeof(a->addr.bytes));
	return order;
}

static uint64_t *
set_used(struct net_set *set, enum net_family family)
{
	return family == NET_IPV4 ? set->used4 : set->used6;
}

void
net_set_init(struct net_set *set, struct net_cidr *v, size_t n)
{
	*set = (struct net_set){.v = v, .n = n};
	if (n > 0)
		qsort(v, n, sizeof(*v), cidr_compare);
	for (size_t i = 0; i < n; i++)
		set_used(set, v[i].addr.family)[v[i].bits / 64] |= 1ULL << (v[i].bits % 64);
}

bool
net_set_has(const struct net_set *set, const struct net_addr *addr)
{
	const uint64_t *used = addr->family == NET_IPV4 ? set->used4 : set->used6;

	if (set->n == 0 || addr->family == NET_NONE)
		return false;
	for (unsigned bits = 0; bits <= net_family_bits(addr->family); bits++) {
		struct net_cidr wanted;

		if ((used[bits / 64] >> (bits % 64) & 1) == 0)
			continue;
		wanted = net_addr_network(addr, bits);
		if (bsearch(&wanted, set->v, set->n, sizeof(*set->v), cidr_compare) != NULL)
			return true;
	}
	return false;
}
