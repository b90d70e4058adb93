/*
 * fuzz_sign_key.c - whatever a key file holds: a key that works, or a reason.
 */
#include "crypto/sign.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t digest[HASH_MAX_BYTES];
	struct sign_key *key = NULL;
	struct err err = {.code = ERR_NONE};
	char raw[SIGN_MAX_BYTES], text[SIGN_PUBLIC_MAX_BYTES];
	struct buf signature = BUF_OVER(raw), public = BUF_OVER(text);

	if (sign_key_parse(slice_make((const char *)data, n), &key, &err) != 0) {
		assert(key == NULL && err.code != ERR_NONE && err.text[0] != '\0');
		return 0;
	}
	assert(sign_digest(key, HASH_SHA256, digest, &signature, &err) == 0);
	assert(sign_key_public(key, &public, &err) == 0 && !public.over);
	sign_key_free(key);
	return 0;
}
