/*
 * fuzz_arf.c - a feedback report, whatever it is.
 */
#include "policy/arf.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message message;
	struct arena a;
	struct arf arf;

	arena_init(&a, 65536, (size_t)64 * 1024 * 1024);
	assert(message_parse(&a, slice_make((const char *)data, size), &message) == 0);
	assert(arf_read(&a, &message, &arf) == 0);
	assert(!arf_is_complaint(&arf) || arf.feedback_type.n > 0);
	arena_fini(&a);
	return 0;
}
