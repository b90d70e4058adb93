/*
 * account_secret.c - see account_secret.h.
 */
#include "account_secret.h"

#include "policy/account_field.h"

#include <stdio.h>

static bool
is_asked(struct slice option, struct slice value)
{
	const struct option *row = account_row(option);

	return row != NULL && row->kind == OPTION_KIND_SECRET && slice_eq(value, slice_of("-"));
}

static void
lines_join(char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || bytes[i] == '\r')
			bytes[i] = ' ';
	}
}

int
account_secret_read(const char *word, struct arena *arena, const char **word_r, struct err *err)
{
	struct slice all = slice_of(word), option = slice_head(all, slice_find(all, '=')), value;
	char bytes[ACCOUNT_VALUE_BYTES], *made;
	struct buf out;
	size_t n;

	*word_r = word;
	if (!is_asked(option, slice_from(all, option.n + 1)))
		return 0;
	n = fread(bytes, 1, sizeof(bytes), stdin);
	lines_join(bytes, n);
	value = slice_trim(slice_make(bytes, n));
	if (ferror(stdin) || value.n == 0 || !feof(stdin))
		return err_set(err, ERR_INVALID, "%.*s: standard input is empty, or too long",
		    SLICE_ARG(option));
	made = arena_alloc(arena, option.n + value.n + 2);
	if (made == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory left");
	buf_init(&out, made, option.n + value.n + 2);
	buf_add(&out, option);
	buf_add_char(&out, '=');
	buf_add(&out, value);
	*word_r = buf_text(&out);
	return 0;
}
