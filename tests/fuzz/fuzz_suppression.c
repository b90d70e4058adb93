/*
 * fuzz_suppression.c - an entry of the store: what is read and written is read again as the same, and
 * the name of a recipient gives itself.
 */
#include "policy/suppression.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make((const char *)data, size);
	struct address rcpt = address_parse(input);
	char text[SUPPRESSION_TEXT_BYTES], words[200], key[SUPPRESSION_KEY_BYTES];
	struct buf out = BUF_OVER(text), said = BUF_OVER(words), name = BUF_OVER(key);
	struct suppression s, again;

	suppression_read(input, &s);
	suppression_format(&s, &out);
	assert(!out.over && suppression_parse(buf_slice(&out), &again, NULL) == 0);
	assert(s.reason == again.reason && s.count == again.count && s.until_s == again.until_s &&
	       s.evidence_n == again.evidence_n &&
	       memcmp(s.evidence, again.evidence, s.evidence_n) == 0);
	suppression_words(&s, &said);
	suppression_key(&rcpt, &name);
	assert(!said.over && said.n > 0 && !name.over && name.n <= rcpt.text.n);
	return 0;
}
