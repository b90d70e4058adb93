/*
 * fuzz_dsn.c - a message that came back, whatever it is.
 */
#include "policy/dsn.h"

#include <assert.h>

static const char rules[] = "recipient hard unknown * user unknown\n"
			    "mailbox-full soft full 5.2.*,552 mailbox * full\n"
			    "recipient hard unknown 5.1.* -\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bounce_source source = {"rules", SLICE_LIT(rules)};
	struct bounce_table table;
	struct message message;
	struct arena a;
	struct dsn dsn;

	arena_init(&a, 65536, (size_t)64 * 1024 * 1024);
	assert(bounce_table_load(&a, &source, 1, &table, NULL) == 0);
	assert(message_parse(&a, slice_make((const char *)data, size), &message) == 0);
	assert(dsn_read(&a, &table, &message, (enum dsn_path)(size % 3), &dsn) == 0);
	for (size_t i = 0; i < dsn.n; i++)
		assert(!bounce_gives_up(&dsn.v[i].verdict) || dsn.v[i].verdict.permanent);
	arena_fini(&a);
	return 0;
}
