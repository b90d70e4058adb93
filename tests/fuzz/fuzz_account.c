/*
 * fuzz_account.c - an account's fields as they may stand in Redis: lines "NAME VALUE". What came of
 * them is what comes of them when they are written and read again, and without a complaint.
 */
#include "policy/account_field.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct account_field fields[ACCOUNT_FIELDS_MAX];
	static char storage[ACCOUNT_VALUE_BYTES];
	struct account base = {.name = NULL}, account;
	struct account_problems problems = {.n = 0};
	struct account_source source = {&base, slice_of("fuzz"), fields, 0};
	struct slice rest = slice_make((const char *)data, size), line;
	struct arena a;

	arena_init(&a, 65536, (size_t)8 << 20);
	(void)(option_defaults(account_section.options, &base, &a) + account_ready(&base, &a));
	for (; rest.n > 0 && source.n < 64; rest = slice_from(rest, line.n + 1), source.n++) {
		line = slice_head(rest, slice_find(rest, '\n'));
		fields[source.n].name = slice_head(line, slice_find(line, ' '));
		fields[source.n].value = slice_from(line, fields[source.n].name.n + 1);
	}
	if (account_build(&account, &source, &a, &problems, NULL) == 0) {
		for (const struct option *row = account_section.options; row->name != NULL; row++) {
			struct buf out = BUF_OVER(storage);
			account_field_format(row, &account, &out);
			assert(account_field_set(&base, row, buf_slice(&out), &a, NULL) == 0);
			assert(option_equal(row, &base, &account));
		}
	}
	arena_fini(&a);
	return 0;
}
