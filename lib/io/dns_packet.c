/*
 * dns_packet.c - see dns_packet.h. RFC 1035 section 4.1.
 */
#include "io/dns_packet.h"

#include "policy/dns.h"

#define HEADER_BYTES 12
#define FIXED_BYTES  10 /* of a record, behind its name: type, class, TTL, length */

/* Two bytes in network order; 0 beyond the end. */
static unsigned
number_at(struct slice packet, size_t at)
{
	return at + 2 > packet.n
		   ? 0
		   : (unsigned)(unsigned char)packet.p[at] << 8 | (unsigned char)packet.p[at + 1];
}

/* Where the name that begins there ends; beyond the packet when it does not. */
static size_t
name_end(struct slice packet, size_t at)
{
	while (at < packet.n) {
		unsigned n = (unsigned char)packet.p[at];

		if (n >= 0xc0)
			return at + 2;
		at += 1 + (size_t)n;
		if (n == 0)
			return at;
	}
	return packet.n + 1;
}

size_t
dns_packet_txt(struct slice packet, struct slice *rdata_r, size_t max)
{
	size_t at = HEADER_BYTES;
	size_t n = 0;

	/* answers, one question, no error */
	if (packet.n < HEADER_BYTES || number_at(packet, 4) != 1 || (packet.p[3] & 15) != 0)
		return 0;
	at = name_end(packet, at) + 4;
	for (unsigned i = 0; i < number_at(packet, 6) && n < max; i++) {
		size_t fixed = name_end(packet, at);
		size_t data = fixed + FIXED_BYTES;

		at = data + number_at(packet, data - 2);
		if (data > packet.n || at > packet.n)
			return 0;
		if (number_at(packet, fixed) == DNS_TXT)
			rdata_r[n++] = slice_make(packet.p + data, at - data);
	}
	return n;
}
