/*
 * fuzz_rdns.c - what name servers say about an address: answers of any shape and size. The first
 * byte chooses the client.
 */
#include "policy/identity.h"
#include "policy/rdns.h"

#include "bytes_dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char client_bytes[] = "\xcb\x00\x71\x4d\x20\x01\x0d\xb8zzzzzzzz";
	struct slice input = slice_make((const char *)data, size);
	bool v6 = size > 0 && data[0] % 2 == 1;
	struct net_addr client = v6 ? net_addr_ipv6(client_bytes) : net_addr_ipv4(client_bytes);
	struct lookup lookup;
	struct rdns r;
	char storage[DNS_NAME_MAX_BYTES];
	struct buf text = BUF_OVER(storage);
	struct identity identity;

	bytes_lookup_init(&lookup, slice_from(input, 1));
	rdns_init(&r, &client);
	while (!rdns_advance(&r, &lookup))
		lookup_wait(&lookup);
	assert(r.outcome != RDNS_NONE && r.n <= RDNS_NAMES_MAX && bytes_batch.n <= 1 + (int)r.n);
	assert((r.outcome == RDNS_PASS) == (rdns_name(&r).n > 0));
	assert(r.name == NULL || dns_name_normalise(rdns_name(&r), &text) == 0);
	identity = identity_of_host(rdns_name(&r), rdns_name(&r));
	assert(strpbrk(identity.text, "{}:/ ") == NULL);
	lookup_fini(&lookup);
	return 0;
}
