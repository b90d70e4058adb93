/*
 * fuzz_dnsbl_rule.c - entries of DNS lists, a line each; of both kinds.
 */
#include "policy/dnsbl_rule.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make((const char *)data, size);
	struct dnsbl_table *table;
	struct arena arena;

	arena_init(&arena, 65536, 1024 * 1024);
	table = dnsbl_table_new(&arena);
	while (table != NULL && rest.n > 0) {
		struct slice line = slice_head(rest, slice_find(rest, '\n'));
		struct err err = {ERR_NONE, ""};

		if (dnsbl_table_add(table, &arena, line.n % 2 == 1, line, &err) != 0)
			assert(err.code != ERR_NONE && err.text[0] != '\0');
		rest = slice_from(rest, line.n + 1);
	}
	assert(table == NULL || (table->n <= DNSBL_ZONES_MAX && table->nrules <= DNSBL_RULES_MAX));
	for (size_t i = 0; table != NULL && i < table->n; i++)
		assert(dnsbl_table_find(table, slice_of(table->zones[i].name)) == i);
	arena_fini(&arena);
	return 0;
}
