/*
 * fuzz_token.c - a token, an address, or a URL with one, as strangers send them: what opens comes
 * out the same when it is made again.
 */
#include "policy/token_explain.h"
#include "unit/keyring_fixture.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keyring ring;
	struct token_reader reader = {&ring, NULL, NULL, 20778};
	struct slice text = slice_make((const char *)data, size);
	char again[TOKEN_TEXT_BYTES], words[4096];
	struct buf made = BUF_OVER(again), out = BUF_OVER(words);
	struct token_terms any = {0};
	struct token token;

	if (ring.n == 0 && keyring_parse(&ring, slice_of(KEYRING_TEXT), "", NULL) != 0)
		return 0;
	if (token_open(&ring, text, &any, &token) == TOKEN_GOOD && token.key == 3) {
		assert(token_make(&ring, &token, &made, NULL) == 0);
		assert(slice_eq(buf_slice(&made), text));
	}
	(void)token_explain(&reader, text, &out);
	assert(!out.over);
	return 0;
}
