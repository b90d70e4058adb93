/*
 * fuzz_dns_public.c - the servers in a resolv.conf: each comes from a line of its own, and the
 * reading ends.
 */
#include "policy/dns_public.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	struct net_addr server;
	size_t left = text.n;

	while (dns_public_server_next(&text, &server)) {
		assert(text.n < left);
		assert(server.family != NET_NONE);
		(void)dns_public_operator(&server);
		left = text.n;
	}
	assert(text.n == 0);
	return 0;
}
