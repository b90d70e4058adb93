/*
 * load_tuple.h - who writes to whom in a load run: clients, senders and recipients by number.
 *
 * Numbers are written in letters, since a greylist may take digits in an address for a bounce
 * counter and fold them away. Addresses are 40 characters long. The clients lie in 198.18.0.0/15
 * (RFC 2544: set aside for benchmarks): neighbours are in different /24 networks, of which there
 * are 512. 198.18.0.1 is none of them: what SPF records let that address send for, they let anybody.
 */
#ifndef BENCH_LOAD_TUPLE_H
#define BENCH_LOAD_TUPLE_H

#include <stdint.h>

struct load_address {
	char path[48]; /* "<peter.aaa.aaaaaaa@mailer.outside.example>" */
	char bare[48]; /* without the <> */
	const char *domain;
};

struct load_client {
	char name[48];
	char addr[16];
	uint16_t port;
};

/* The seed gives each run addresses of its own, 17,576 times; numbers repeat after 8 * 10^9. */
void load_sender_make(struct load_address *a, uint64_t seed, uint64_t number);
void load_rcpt_make(struct load_address *a, uint64_t seed, uint64_t number);

void load_client_make(struct load_client *c, uint64_t number);

#endif
