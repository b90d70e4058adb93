/*
 * net.h - IPv4 and IPv6 addresses, networks in CIDR notation, and sets of networks.
 *
 * An IPv4-mapped IPv6 address (::ffff:192.0.2.1, RFC 4291 section 2.5.5.2) is taken as the IPv4
 * address it means: one client is one client, however the MTA's socket was opened.
 */
#ifndef BASE_NET_H
#define BASE_NET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

enum net_family {
	NET_NONE = 0, /* no address: a local submission, or a client without one */
	NET_IPV4 = 4,
	NET_IPV6 = 6,
};

/* The longest texts, with the NUL: "ffff:…:255.255.255.255", and that with "/128". */
#define NET_ADDR_TEXT_BYTES 46
#define NET_CIDR_TEXT_BYTES 50

struct net_addr {
	enum net_family family;
	uint8_t bytes[16]; /* network order; IPv4 uses the first four, the others are 0 */
};

struct net_cidr {
	struct net_addr addr; /* host bits are 0 */
	unsigned bits;
};

/* Networks, sorted; looked up in O(number of different prefix lengths * log n). */
struct net_set {
	struct net_cidr *v;
	size_t n;
	uint64_t used4[1]; /* which prefix lengths occur, 0..32 */
	uint64_t used6[3]; /* 0..128 */
};

/* The number of bits that an address of this family has: 32 or 128. */
unsigned net_family_bits(enum net_family family);

/* "192.0.2.1", "2001:db8::1", with or without the "IPv6:" of an SMTP literal (RFC 5321
 * section 4.1.3). 0, or -1 when it is no address. */
int net_addr_parse(struct slice text, struct net_addr *addr_r);

/* From four or sixteen bytes in network order, as in in_addr and in6_addr. */
struct net_addr net_addr_ipv4(const void *bytes4);
struct net_addr net_addr_ipv6(const void *bytes16);

/* 127.0.0.0/8 or ::1: this host talking to itself. */
bool net_addr_is_loopback(const struct net_addr *addr);

bool net_addr_eq(const struct net_addr *a, const struct net_addr *b);

/* The network of `bits` that holds the address; bits beyond the family's count as all. */
struct net_cidr net_addr_network(const struct net_addr *addr, unsigned bits);

/* Appends the text form (RFC 5952 for IPv6); nothing for NET_NONE. */
void net_addr_format(struct buf *out, const struct net_addr *addr);
void net_cidr_format(struct buf *out, const struct net_cidr *cidr);

/* "192.0.2.0/24", "2001:db8::/32", or one address; "::ffff:192.0.2.0/120" is the first of them.
 * 0, or -1 with what is wrong: no address, prefix length, or host bits set (the text then names the
 * network that was probably meant). */
int net_cidr_parse(struct slice text, struct net_cidr *cidr_r, struct err *err);

bool net_cidr_has(const struct net_cidr *cidr, const struct net_addr *addr);

/* Sorts v (n networks, which the set keeps and may reorder) and makes the set of it. */
void net_set_init(struct net_set *set, struct net_cidr *v, size_t n);

bool net_set_has(const struct net_set *set, const struct net_addr *addr);

#endif
