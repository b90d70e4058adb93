/*
 * option_words.c - see option_words.h.
 */
#include "option_words.h"

#include "conf/option_parts.h"

#include <stdlib.h>

/* A list of 10,000 networks takes half a megabyte. */
#define VALUE_MAX_BYTES ((size_t)64 * 1024 * 1024)

static void
words_list(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++) {
		if (i > 0)
			buf_add_text(out, words[i + 1] == NULL ? " or " : ", ");
		buf_add_text(out, words[i]);
	}
}

static void
text_limits(struct buf *out, const struct option *row)
{
	if (row->min > 0)
		buf_add_format(out, "%lld to %lld bytes", (long long)row->min, (long long)row->max);
	else
		buf_add_format(out, "at most %lld bytes", (long long)row->max);
}

void
option_words_limits(struct buf *out, const struct option *row)
{
	if (row->kind == OPTION_KIND_BOOL) {
		buf_add_text(out, "yes or no");
	} else if (row->kind == OPTION_KIND_ENUM) {
		words_list(out, row->words);
	} else if (option_is_list(row)) {
		buf_add_format(out, "a list, at most %lld", (long long)row->max);
	} else if (row->kind == OPTION_KIND_TEXT || row->kind == OPTION_KIND_SECRET) {
		text_limits(out, row);
	} else {
		option_value_format(row, row->min, out);
		buf_add_text(out, " to ");
		option_value_format(row, row->max, out);
	}
}

char *
option_words_value(const struct option *row, const void *section)
{
	for (size_t room = 4096; room <= VALUE_MAX_BYTES; room *= 4) {
		char *storage = malloc(room);
		struct buf out;

		if (storage == NULL)
			return NULL;
		buf_init(&out, storage, room);
		option_format(row, section, &out);
		(void)buf_text(&out);
		if (!out.over)
			return storage;
		free(storage);
	}
	return NULL;
}

const void *
option_words_defaults(const struct conf_section *section, struct arena *a)
{
	void *defaults = arena_alloc(a, section->size);

	if (defaults == NULL || option_defaults(section->options, defaults, a) != 0)
		return NULL;
	return defaults;
}
