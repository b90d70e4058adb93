/*
 * fuzz_fold.c - whatever is folded fits, and is what it was but for line ends.
 */
#include "mail/fold.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char storage[1 << 17];
	struct slice value = {(const char *)data, n < 65536 ? n : 65536},
		     name = slice_of("Subject");
	struct buf out = BUF_OVER(storage);
	size_t at = 0;

	if (!fold_value(name, value, 78, &out))
		return 0;
	assert(!out.over && fold_fits(name, buf_slice(&out), 78));
	for (size_t i = 0; i < out.n; i++) {
		if (at < value.n && out.p[i] == value.p[at])
			at++;
		else
			assert(out.p[i] == '\n');
	}
	assert(at == value.n || (at + 1 == value.n && value.p[at] == '\n'));
	return 0;
}
