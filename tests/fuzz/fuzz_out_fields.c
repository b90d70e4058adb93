/*
 * fuzz_out_fields.c - whatever a header says, the fields that steer us do not leave.
 */
#include "mail/message.h"
#include "policy/out_headers.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct edits edits = {.n = 0};
	struct out_fields fields = {.ntags = 0}, left = {.ntags = 0};
	struct message message;
	struct arena a;

	arena_init(&a, 65536, (size_t)16 * 1024 * 1024);
	assert(message_parse(&a, slice_make((const char *)data, n), &message) == 0);
	for (size_t i = 0; i < message.n; i++)
		out_fields_note(&fields, &a, message.v[i].name, message.v[i].value);
	for (size_t i = 0; i < fields.ntags; i++)
		assert(fields.tags[i].n > 0 && fields.tags[i].n <= OUT_TAG_BYTES);
	if (out_headers_strip(&fields, &edits) == 0) { /* else it is refused */
		assert(message_apply(&a, &message, &edits) == 0);
		for (size_t i = 0; i < message.n; i++)
			out_fields_note(&left, &a, message.v[i].name, message.v[i].value);
		assert(left.count[OUT_ACCOUNT] + left.count[OUT_TRACK] + left.count[OUT_TAG] == 0);
	}
	arena_fini(&a);
	return 0;
}
