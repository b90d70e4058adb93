/*
 * fuzz_address.c - reading any bytes is stable, and what is normalised is bounded, lower case, and
 * normalised for good.
 */
#include "mail/address.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char storage[2][ADDRESS_MAX_BYTES];
	struct buf once = BUF_OVER(storage[0]), twice = BUF_OVER(storage[1]);
	struct address a = address_parse(slice_make((const char *)data, n));
	struct address again = address_parse(a.text);

	assert(slice_eq(a.text, again.text) && slice_eq(a.local, again.local));
	assert(slice_eq(a.domain, again.domain) && a.null == again.null);
	address_normalise(&once, &a);
	again = address_parse(buf_slice(&once));
	address_normalise(&twice, &again);
	assert(!once.over && (once.n <= a.text.n || a.null));
	assert(slice_eq(buf_slice(&once), buf_slice(&twice)));
	for (size_t i = 0; i < once.n; i++)
		assert(once.p[i] < 'A' || once.p[i] > 'Z');
	return 0;
}
