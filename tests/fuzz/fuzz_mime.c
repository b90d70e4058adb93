/*
 * fuzz_mime.c - whatever the message is, each part lies within its parent, behind its siblings.
 */
#include "mail/mime.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct message message;
	struct mime mime;
	struct arena a;
	size_t end = 0;

	arena_init(&a, 65536, 16 * 1024 * 1024);
	assert(message_parse(&a, slice_make((const char *)data, n), &message) == 0);
	assert(mime_scan(&a, &message, &mime) == 0 && mime.n > 0);
	for (size_t i = 1; i < mime.n; i++) {
		const struct mime_part *part = &mime.v[i], *up = &mime.v[part->parent];

		assert(part->parent < i && part->header.offset >= end);
		assert(part->body.offset >= part->header.offset + part->header.n);
		end = part->body.offset + (part->kind == MIME_LEAF ? part->body.n : 0);
		assert(part->body.n == 0 || end <= up->body.offset + up->body.n);
	}
	arena_fini(&a);
	return 0;
}
