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

#include <stddef.h>
#include <stdint.h>

#define LOAD_ADDRESS_BYTES 160

struct load_address {
	char path[LOAD_ADDRESS_BYTES + 2]; /* "<peter.aaa.aaaaaaa@mailer.outside.example>" */
	char bare[LOAD_ADDRESS_BYTES];     /* without the <> */
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

/* The null sender; and that of a text. */
void load_null_make(struct load_address *a);
void load_address_take(struct load_address *a, const char *text);

void load_client_make(struct load_client *c, uint64_t number);

/* What is in a file of text, for free(); NULL: errno says why. */
char *load_file_read(const char *path);

/* The lines of a file. */
struct load_lines {
	char *text;
	const char **v;
	size_t n;
};

/* 0, or -1: errno says why, or 0 when there is none in it. */
int load_lines_read(struct load_lines *lines, const char *path);
void load_lines_free(struct load_lines *lines);

#endif
