/*
 * dns_public.c - see dns_public.h.
 */
#include "policy/dns_public.h"

static const struct {
	const char *network;
	const char *who;
} networks[] = {
    {"8.8.8.0/24", "Google"},
    {"8.8.4.0/24", "Google"},
    {"2001:4860:4860::/48", "Google"},
    {"1.1.1.0/24", "Cloudflare"},
    {"1.0.0.0/24", "Cloudflare"},
    {"2606:4700:4700::/48", "Cloudflare"},
    {"9.9.9.0/24", "Quad9"},
    {"149.112.112.0/24", "Quad9"},
    {"2620:fe::/48", "Quad9"},
    {"208.67.220.0/24", "OpenDNS"},
    {"208.67.222.0/24", "OpenDNS"},
    {"2620:119:35::/48", "OpenDNS"},
    {"2620:119:53::/48", "OpenDNS"},
    {"4.2.2.0/29", "Level 3"},
    {"94.140.14.0/23", "AdGuard"},
    {"2a10:50c0::/32", "AdGuard"},
    {"185.228.168.0/23", "CleanBrowsing"},
    {"77.88.8.0/24", "Yandex"},
    {"86.54.11.0/24", "DNS4EU"},
};

const char *
dns_public_operator(const struct net_addr *addr)
{
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		struct net_cidr cidr;
		struct err err;

		if (net_cidr_parse(slice_of(networks[i].network), &cidr, &err) == 0 &&
		    net_cidr_has(&cidr, addr))
			return networks[i].who;
	}
	return NULL;
}

static struct slice
line_next(struct slice *text)
{
	size_t end = slice_find(*text, '\n');
	struct slice line = slice_trim(slice_head(*text, end));

	*text = slice_from(*text, end + 1);
	return line;
}

static size_t
word_length(struct slice line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	return n;
}

bool
dns_public_server_next(struct slice *text, struct net_addr *server_r)
{
	static const struct slice keyword = SLICE_LIT("nameserver");

	while (text->n > 0) {
		struct slice line = line_next(text);
		size_t n = word_length(line);
		struct slice server = slice_trim(slice_from(line, n));

		if (!slice_eq(slice_head(line, n), keyword))
			continue;
		server = slice_head(server, word_length(server));
		if (net_addr_parse(server, server_r) == 0)
			return true;
	}
	return false;
}
