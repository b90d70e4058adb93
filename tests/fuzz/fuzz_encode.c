/*
 * fuzz_encode.c - what is decoded is what encoding gives, letter for letter (or in another case);
 * what is refused leaves nothing behind.
 */
#include "base/encode.h"

#include <assert.h>
#include <stdint.h>

static const struct {
	void (*encode)(struct buf *, struct slice);
	int (*decode)(struct buf *, struct slice);
	bool folded;
} codecs[] = {
    {encode_hex, decode_hex, true},
    {encode_base32, decode_base32, true},
    {encode_base64, decode_base64, false},
    {encode_base64url, decode_base64url, false},
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice text = slice_make((const char *)data, n);
	char bytes[4096], again[8192];

	for (size_t i = 0; n < sizeof(bytes) && i < sizeof(codecs) / sizeof(*codecs); i++) {
		struct buf out = BUF_OVER(bytes), back = BUF_OVER(again);

		if (codecs[i].decode(&out, text) != 0) {
			assert(out.n == 0 && !out.over);
			continue;
		}
		codecs[i].encode(&back, buf_slice(&out));
		assert(slice_eq(buf_slice(&back), text) ||
		       (codecs[i].folded && slice_eq_nocase(buf_slice(&back), text)));
	}
	return 0;
}
