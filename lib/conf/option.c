/*
 * option.c - see option.h: setting one option, and all to their defaults.
 */
#include "conf/option_parts.h"

#include <assert.h>

void *
option_at(const struct option *row, void *section)
{
	return (char *)section + row->offset;
}

const void *
option_at_const(const struct option *row, const void *section)
{
	return (const char *)section + row->offset;
}

bool
option_is_list(const struct option *row)
{
	return row->kind == OPTION_KIND_NETWORKS || row->kind == OPTION_KIND_ADDRESSES ||
	       row->kind == OPTION_KIND_WORDS;
}

const struct option *
option_find(const struct option *rows, struct slice name)
{
	for (; rows->name != NULL; rows++) {
		if (slice_eq(slice_of(rows->name), name))
			return rows;
	}
	return NULL;
}

int
option_text_check(struct slice text, struct err *err)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return err_set(err, ERR_INVALID,
			    "it holds the control character \\x%02x; only tabs are allowed", c);
	}
	return 0;
}

static int
text_length_check(const struct option *row, size_t n, struct err *err)
{
	if (n == 0 && row->min > 0)
		return err_set(err, ERR_INVALID, "may not be empty");
	if ((int64_t)n < row->min)
		return err_set(err, ERR_INVALID, "%zu byte%s; at least %lld are needed", n,
		    n == 1 ? "" : "s", (long long)row->min);
	if ((int64_t)n > row->max)
		return err_set(err, ERR_INVALID, "%zu bytes; at most %lld are allowed", n,
		    (long long)row->max);
	return 0;
}

static int
text_set(
    const struct option *row, void *section, struct arena *a, struct slice value, struct err *err)
{
	const char *text;

	if (option_text_check(value, err) != 0 || text_length_check(row, value.n, err) != 0)
		return -1;
	text = arena_text(a, value);
	if (text == NULL)
		return err_set(err, ERR_NOMEM, "no memory left for it");
	if (row->check != NULL && row->check(text, err) != 0)
		return -1;
	*(const char **)option_at(row, section) = text;
	return 0;
}

static int
value_set(const struct option *row, void *section, struct slice text, struct err *err)
{
	int64_t value;

	if (option_value_parse(row, text, &value, err) != 0)
		return -1;
	if (row->kind == OPTION_KIND_BOOL)
		*(bool *)option_at(row, section) = value != 0;
	else if (row->kind == OPTION_KIND_ENUM)
		*(int *)option_at(row, section) = (int)value;
	else
		*(int64_t *)option_at(row, section) = value;
	return 0;
}

int
option_set(
    const struct option *row, void *section, struct arena *a, struct slice value, struct err *err)
{
	bool secret = row->kind == OPTION_KIND_SECRET;
	struct err why = {ERR_INVALID, ""};
	int rc;

	if (option_is_list(row))
		return option_set_list(row, section, a, &value, 1, err);
	if (secret || row->kind == OPTION_KIND_TEXT)
		rc = text_set(row, section, a, value, &why);
	else
		rc = value_set(row, section, value, &why);
	if (rc == 0)
		return 0;
	return err_set(
	    err, why.code, "%s: %s", secret ? "(hidden)" : option_show(value).text, why.text);
}

int
option_defaults(const struct option *rows, void *section, struct arena *a)
{
	for (const struct option *row = rows; row->name != NULL; row++) {
		struct err err = {ERR_NONE, ""};
		struct slice *words;
		size_t n;
		int rc;

		if (!option_is_list(row))
			rc = option_set(row, section, a, slice_of(row->initial), &err);
		else if (option_initial_words(row, a, &words, &n) != 0)
			return -1;
		else
			rc = option_set_list(row, section, a, words, n, &err);
		assert((rc == 0 || err.code == ERR_NOMEM) && "a wrong default");
		if (rc != 0)
			return -1;
	}
	return 0;
}
