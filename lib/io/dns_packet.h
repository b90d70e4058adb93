/*
 * dns_packet.h - a DNS message as it came, for the one answer that libunbound does not pass on: a TXT
 * record without any string. RFC 1035 section 3.3.14 wants one string at least, servers send it all
 * the same, and libunbound takes it for a lack of memory and says SERVFAIL for all the records.
 */
#ifndef IO_DNS_PACKET_H
#define IO_DNS_PACKET_H

#include "base/slice.h"

/* The data of the TXT records in the answer section of a message without error, into rdata_r: how
 * many, at most max; 0 for anything else. They point into the packet. */
size_t dns_packet_txt(struct slice packet, struct slice *rdata_r, size_t max);

#endif
