/*
 * load_tuple.c - see load_tuple.h.
 */
#include "load_tuple.h"

#include <inttypes.h>
#include <stdio.h>

static void
letters(char *out, unsigned n, uint64_t number)
{
	out[n] = '\0';
	while (n-- > 0) {
		out[n] = (char)('a' + number % 26);
		number /= 26;
	}
}

static void
address_make(
    struct load_address *a, const char *name, const char *domain, uint64_t seed, uint64_t number)
{
	char run[4], who[8];

	letters(run, 3, seed);
	letters(who, 7, number);
	a->domain = domain;
	(void)snprintf(a->bare, sizeof(a->bare), "%s.%s.%s@%s", name, run, who, domain);
	(void)snprintf(a->path, sizeof(a->path), "<%.45s>", a->bare);
}

void
load_sender_make(struct load_address *a, uint64_t seed, uint64_t number)
{
	address_make(a, "peter", "mailer.outside.example", seed, number);
}

void
load_rcpt_make(struct load_address *a, uint64_t seed, uint64_t number)
{
	address_make(a, "maria", "office.insides.example", seed, number);
}

void
load_client_make(struct load_client *c, uint64_t number)
{
	unsigned net = (unsigned)(number % 512);
	unsigned host = 2 + (unsigned)(number / 512 % 253);

	(void)snprintf(c->addr, sizeof(c->addr), "198.%u.%u.%u", 18 + net / 256, net % 256, host);
	(void)snprintf(c->name, sizeof(c->name), "host-%u-%u.outside.example", net, host);
	c->port = (uint16_t)(1024 + number % 60000);
}
