/*
 * fuzz_track.c - whatever the message is, tracked it has the same parts, and those that were not
 * touched have the same content.
 */
#include "track_check.h"

#include <stdint.h>
#include <stdio.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct heap_text body = {NULL, 0, 0};
	struct message message;
	struct track track;
	struct arena a;
	const char *why;

	arena_init(&a, 65536, 16 * 1024 * 1024);
	assert(message_parse(&a, slice_make((const char *)data, n), &message) == 0);
	why = track_check(&a, &message, &track, &body);
	if (why != NULL)
		(void)fprintf(stderr, "%s\n", why);
	assert(why == NULL);
	free(body.p);
	arena_fini(&a);
	return 0;
}
