/*
 * fuzz_dmarc_record.c - any bytes read as a DMARC record: slices stay within the text, a record that
 * can be used has a policy, and one that is none says nothing.
 */
#include "auth/dmarc_record.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice text = {(const char *)data, n};
	struct dmarc_record r;
	bool is_record = dmarc_record_parse(text, &r);

	assert(is_record || (!r.usable && r.p == DMARC_POLICY_ABSENT));
	assert(!r.usable || r.p != DMARC_POLICY_ABSENT);
	assert(!r.implied || (r.usable && r.p == DMARC_POLICY_NONE && r.rua.n > 0));
	assert(r.fo > 0 && r.fo < 16);
	assert(r.rua.n == 0 || (r.rua.p > text.p && r.rua.p + r.rua.n <= text.p + text.n));
	assert(r.ruf.n == 0 || (r.ruf.p > text.p && r.ruf.p + r.ruf.n <= text.p + text.n));
	return 0;
}
