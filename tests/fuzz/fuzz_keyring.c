/*
 * fuzz_keyring.c - a keyring file: what is read comes out the same when it is written and read again.
 */
#include "policy/keyring.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char first[KEYRING_FILE_BYTES], second[KEYRING_FILE_BYTES];
	struct buf once = BUF_OVER(first), twice = BUF_OVER(second);
	static struct keyring ring;
	struct err err;

	if (keyring_parse(&ring, slice_make((const char *)data, size), "ring", &err) != 0)
		return 0;
	keyring_format(&ring, &once);
	keyring_fini(&ring);
	assert(!once.over && keyring_parse(&ring, buf_slice(&once), "ring", &err) == 0);
	keyring_format(&ring, &twice);
	keyring_fini(&ring);
	assert(slice_eq(buf_slice(&once), buf_slice(&twice)));
	return 0;
}
