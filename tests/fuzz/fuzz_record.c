/*
 * fuzz_record.c - decision records as they may stand in Redis: lines "NAME VALUE", the last of them
 * what somebody asks for.
 */
#include "policy/explain.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record record;
	static struct explain explain;
	struct slice rest = slice_make((const char *)data, size), line = rest;
	struct record_match match;

	for (record_init(&record); rest.n > 0; rest = slice_from(rest, line.n + 1)) {
		line = slice_head(rest, slice_find(rest, '\n'));
		struct slice name = slice_head(line, slice_find(line, ' '));
		if (record_field_name(name) != NULL)
			record_add(&record, record_field_name(name), slice_from(line, name.n + 1));
	}
	record_match_init(&match, line);
	(void)record_match_has(&match, &record);
	explain_make(&explain, &record);
	assert(explain.n >= 1 && explain.n <= EXPLAIN_MAX && record.used <= RECORD_BYTES);
	return 0;
}
