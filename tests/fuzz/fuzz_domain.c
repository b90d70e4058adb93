/*
 * fuzz_domain.c - a name that is made comparable stays so, and its organisational domain is part of
 * it and its own.
 */
#include "auth/domain.h"
#include "auth/orgdomain.h"
#include "policy/dns_name.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char storage[4][DNS_NAME_MAX_BYTES + 1];
	struct buf once = BUF_OVER(storage[0]), twice = BUF_OVER(storage[1]);
	struct buf org = BUF_OVER(storage[2]), again = BUF_OVER(storage[3]);

	if (domain_normalise(slice_make((const char *)data, n), &once) != 0)
		return 0;
	assert(once.n > 0 && once.n <= DNS_NAME_MAX_BYTES);
	assert(domain_normalise(buf_slice(&once), &twice) == 0);
	assert(slice_eq(buf_slice(&once), buf_slice(&twice)));
	if (orgdomain_of(NULL, buf_slice(&once), &org) != 0)
		return 0;
	assert(dns_name_is_within(buf_slice(&once), buf_slice(&org)));
	assert(orgdomain_of(NULL, buf_slice(&org), &again) == 0);
	assert(slice_eq(buf_slice(&org), buf_slice(&again)));
	return 0;
}
