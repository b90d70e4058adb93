/*
 * fuzz_forget.c - a text without the person does not name him, whoever he is; consents and pages of
 * links are read from anything.
 */
#include "policy/consent.h"
#include "policy/forget.h"
#include "policy/hit.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size < 4096 ? size : 4096);
	struct slice head = slice_head(text, slice_find(text, '\n'));
	struct slice rest = slice_from(text, head.n + 1);
	static char storage[FORGET_VALUE_BYTES(4096)];
	struct address address = address_parse(head);
	static struct forget_person person;
	struct buf out = BUF_OVER(storage);
	struct consent consent;

	consent_read(text, &consent);
	hit_page(text, &out);
	if (out.n > text.n)
		abort();
	buf_reset(&out);
	if (forget_person_init(&person, &address, NULL) != 0)
		return 0;
	if (forget_scrub(&person, rest, &out) != forget_names(&person, rest) || out.over)
		abort();
	(void)forget_is_gone(&person, rest);
	return 0;
}
