/*
 * fuzz_transfer.c - what is encoded decodes to the same, and what is safe to encode anew is so.
 */
#include "mime_check.h"

#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct heap_text plain = {NULL, 0, 0}, coded = {NULL, 0, 0}, again = {NULL, 0, 0};
	struct slice in = slice_make((const char *)data, n);
	enum transfer_encoding to = n % 2 == 0 ? TRANSFER_QP : TRANSFER_BASE64;
	enum transfer_encoding from = n % 4 < 2 ? TRANSFER_QP : TRANSFER_BASE64;

	assert(transfer_recode_is_safe(TRANSFER_BINARY, to, in));
	(void)transfer_recode_is_safe(from, to, in);
	assert(transfer_recode(from, TRANSFER_BINARY, in, (struct sink){heap_put, &plain}) == 0);
	assert(transfer_recode(from, to, in, (struct sink){heap_put, &coded}) == 0);
	in = heap_slice(&coded);
	assert(transfer_recode(to, TRANSFER_BINARY, in, (struct sink){heap_put, &again}) == 0);
	assert(slice_eq(heap_slice(&plain), heap_slice(&again)));
	free(plain.p);
	free(coded.p);
	free(again.p);
	return 0;
}
