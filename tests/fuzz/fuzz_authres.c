/*
 * fuzz_authres.c - knowing a field as ours ends, within bounds, and ours with anything behind it is
 * ours; and whatever is written of hostile values is one field of lines below 998, ours again.
 */
#include "auth/authres.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static char storage[AUTHRES_MAX_BYTES];
	const struct slice id = SLICE_LIT("mx.example.org");
	struct slice value = slice_make((const char *)data, n);
	struct authres w;

	(void)authres_owner(value, &id, 1);
	authres_begin(&w, storage, sizeof(storage), id);
	authres_method(&w, "spf", "pass");
	authres_comment(&w, value);
	authres_reason(&w, value);
	authres_property(&w, "smtp", "mailfrom", value);
	value = slice_of(authres_end(&w));
	assert(value.n > 0 && authres_owner(value, &id, 1) == AUTHRES_OURS);
	for (size_t i = 0, line = 0; i < value.n; i++, line++) {
		assert((value.p[i] >= ' ' && value.p[i] <= '~') ||
		       memchr("\n\t", value.p[i], 2) != NULL);
		if (value.p[i] != '\n')
			assert(line < 998);
		else
			assert(value.p[i + 1] == '\t' && (line = 0) == 0);
	}
	return 0;
}
