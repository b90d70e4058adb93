/*
 * fuzz_bounce_class.c - a table of rules, up to a line "--", and a text that they are asked about.
 */
#include "policy/bounce_class.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_make((const char *)data, size);
	size_t n = 0;
	struct bounce_table table;
	struct arena a;
	struct err err;

	while (n < size && !slice_starts(slice_from(all, n), slice_of("\n--\n")))
		n++;
	arena_init(&a, 65536, (size_t)64 * 1024 * 1024);
	if (bounce_table_load(
		&a, &(struct bounce_source){"rules", slice_head(all, n)}, 1, &table, &err) == 0) {
		struct bounce_facts facts = {
		    slice_from(all, n + 4), slice_of("5.1.1"), 550, true, n % 2};
		struct bounce_verdict verdict;

		bounce_classify(&table, &facts, &verdict);
		assert(verdict.class < BOUNCE_CLASSES && verdict.rank <= table.n);
		assert(!bounce_gives_up(&verdict) || verdict.class == BOUNCE_RECIPIENT);
	} else {
		assert(err.code != ERR_NONE && strncmp(err.text, "rules:", 6) == 0);
	}
	arena_fini(&a);
	return 0;
}
