/*
 * dns_name.h - domain names, as text and on the wire.
 *
 * As text, a name is labels of 1 to 63 bytes with dots between; "." alone is the root. A label is
 * printable ASCII without blank and backslash. The wire would allow any byte; but a name with a
 * dot within a label ("mail.example" as one label) could be read as another, and no mail depends
 * on the rest. So there is nothing to escape, and what cannot be written like this is refused.
 *
 * Functions with an `out` append to out and return 0, or return -1 when it is no such name or does not fit; out
 * then holds a part.
 */
#ifndef POLICY_DNS_NAME_H
#define POLICY_DNS_NAME_H

#include "base/buf.h"
#include "base/net.h"

/* A name as text, without a dot at its end (RFC 1035 section 2.3.4: 255 octets on the wire). */
#define DNS_NAME_MAX_BYTES  253
#define DNS_NAME_WIRE_BYTES 255
#define DNS_LABEL_MAX_BYTES 63

/* Without the dot at its end; the root stays what it is. */
struct slice dns_name_without_dot(struct slice name);

/* True when name is `top`, or lies below it, in any case; neither has a dot at its end. Nothing is
 * below an empty top. */
bool dns_name_is_within(struct slice name, struct slice top);

/* Lower case, without the dot at the end: equal names are equal bytes then. */
int dns_name_normalise(struct slice text, struct buf *out);

/* The same, but a label may hold blanks: no host is called like that, but macros of SPF may make
 * such a name, and then it is asked for (RFC 7208 section 7.3). */
int dns_name_question(struct slice text, struct buf *out);

/* Labels with their lengths and the empty one, as in rdata; the case of letters is kept. */
int dns_name_to_wire(struct slice text, struct buf *out);

/* What PTR and NS hold, and MX from its third byte on; the name must end where wire does. Lower
 * case. */
int dns_name_from_wire(struct slice wire, struct buf *out);

/* The address backwards, by octets or nibbles, below `zone`, or below in-addr.arpa or ip6.arpa when
 * that is empty. */
int dns_name_reverse(const struct net_addr *addr, struct slice zone, struct buf *out);

#endif
