/*
 * fuzz_dns_name.c - what a name server puts into rdata, and what a client says it is called.
 */
#include "policy/dns_name.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make((const char *)data, size);
	char text_storage[300], wire_storage[300], again_storage[300];
	struct buf text = BUF_OVER(text_storage);
	struct buf wire = BUF_OVER(wire_storage);
	struct buf again = BUF_OVER(again_storage);

	if (dns_name_from_wire(input, &text) != 0) {
		buf_reset(&text);
		if (dns_name_normalise(input, &text) != 0)
			return 0;
	}
	assert(dns_name_to_wire(buf_slice(&text), &wire) == 0 && wire.n <= DNS_NAME_WIRE_BYTES);
	assert(dns_name_from_wire(buf_slice(&wire), &again) == 0);
	assert(slice_eq(buf_slice(&text), buf_slice(&again)));
	return 0;
}
