/*
 * fuzz_sevenbit.c - whatever the message is, made fit for 7 bits it has the same parts with the same
 * content, and nothing is left to be done.
 */
#include "mime_check.h"

#include <stdint.h>
#include <stdio.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct heap_text body = {NULL, 0, 0};
	struct sevenbit result;
	struct message message;
	struct arena a;
	const char *why;

	arena_init(&a, 65536, 16 * 1024 * 1024);
	assert(message_parse(&a, slice_make((const char *)data, n), &message) == 0);
	why = sevenbit_check(&a, &message, &result, &body);
	if (why != NULL)
		(void)fprintf(stderr, "%s\n", why);
	assert(why == NULL);
	free(body.p);
	arena_fini(&a);
	return 0;
}
