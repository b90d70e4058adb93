/*
 * fuzz_subject.c - a prefix before any subject gives a field's value, and is not put there twice.
 */
#include "mail/subject.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice value = {(const char *)data, n};
	struct slice prefix = slice_of(n % 2 == 0 ? "[SPAM]" : "\xe2\x9a\xa0 Spam");
	struct arena a;
	const char *once;

	arena_init(&a, 4096, 16 * 1024 * 1024);
	once = subject_prefix(&a, value, prefix);
	assert(once != NULL);
	for (size_t i = 0; once[i] != '\0'; i++)
		assert(once[i] != '\n' || once[i + 1] == ' ' || once[i + 1] == '\t');
	assert(strchr(once, '\r') == NULL);
	assert(strcmp(subject_prefix(&a, slice_of(once), prefix), once) == 0);
	arena_fini(&a);
	return 0;
}
