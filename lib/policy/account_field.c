/*
 * account_field.c - see account_field.h.
 */
#include "policy/account_parts.h"

#include "base/nearest.h"

static bool
is_between(char c)
{
	return ascii_is_space(c) || c == ',';
}

/* Cuts the next entry off *rest; false when there is none. */
static bool
entry_next(struct slice *rest, struct slice *entry_r)
{
	size_t from = 0, n;

	while (from < rest->n && is_between(rest->p[from]))
		from++;
	*rest = slice_from(*rest, from);
	for (n = 0; n < rest->n && !is_between(rest->p[n]); n++)
		continue;
	*entry_r = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

/* The entries of a field, in the arena; NULL with *n_r = 0 for none. -1: no memory. */
static int
entries_read(struct slice value, struct arena *a, struct slice **v_r, size_t *n_r)
{
	struct slice rest = value, entry;
	size_t n = 0;

	*v_r = NULL;
	*n_r = 0;
	while (entry_next(&rest, &entry))
		n++;
	if (n == 0)
		return 0;
	*v_r = arena_alloc(a, n * sizeof(**v_r));
	if (*v_r == NULL)
		return -1;
	for (rest = value; entry_next(&rest, &entry);)
		(*v_r)[(*n_r)++] = entry;
	return 0;
}

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory left for it");
}

static int
too_long(struct err *err)
{
	return err_set(err, ERR_LIMIT, "longer than %zu bytes", ACCOUNT_VALUE_BYTES);
}

static int
list_set(struct account *account, const struct option *row, struct slice value, struct arena *a,
    struct err *err)
{
	struct slice *v;
	size_t n;

	if (entries_read(value, a, &v, &n) != 0)
		return no_memory(err);
	for (size_t i = 0; i < n; i++) {
		if (account_entry_check(row, v[i], err) != 0)
			return -1;
	}
	return option_set_list(row, account, a, v, n, err);
}

int
account_field_set(struct account *account, const struct option *row, struct slice value,
    struct arena *a, struct err *err)
{
	if (value.n > ACCOUNT_VALUE_BYTES)
		return too_long(err);
	if (option_is_list(row))
		return list_set(account, row, value, a, err);
	return option_set(row, account, a, slice_trim(value), err);
}

size_t
account_list_set(struct account *account, const struct option *row, struct slice value,
    struct arena *a, struct err *err)
{
	struct account trial = *account;
	size_t n, good = 0;
	struct slice *v;

	if (value.n > ACCOUNT_VALUE_BYTES) {
		(void)too_long(err);
		return 1;
	}
	if (entries_read(value, a, &v, &n) != 0) {
		(void)no_memory(err);
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		struct err why = {ERR_NONE, ""};

		if (account_entry_check(row, v[i], &why) == 0 &&
		    option_set_list(row, &trial, a, &v[i], 1, &why) == 0)
			v[good++] = v[i];
		else if (good == i)
			*err = why;
	}
	return option_set_list(row, account, a, v, good, err) != 0 ? n : n - good;
}

int
account_field_check(const struct account_field *field, struct arena *a, struct err *err)
{
	const struct option *row = account_row(field->name);
	struct account trial = {.name = ""};
	struct err why = {ERR_NONE, ""};

	if (row == NULL) {
		account_field_unknown(field->name, &why);
		return err_set(
		    err, why.code, "%.*s: %s", SLICE_ARG(slice_head(field->name, 40)), why.text);
	}
	if (account_field_set(&trial, row, field->value, a, &why) == 0)
		return 0;
	return err_set(err, why.code, "%s: %s", row->name, why.text);
}

void
account_field_unknown(struct slice name, struct err *err)
{
	const struct option *row = account_section.options, *best = NULL;
	unsigned least = NEAREST_FAR;

	for (; row->name != NULL; row++) {
		unsigned cost = nearest_cost(name, slice_of(row->name));

		if (cost < least) {
			least = cost;
			best = row;
		}
	}
	if (best == NULL)
		(void)err_set(err, ERR_INVALID, "there is no such option");
	else
		(void)err_set(
		    err, ERR_INVALID, "there is no such option; did you mean \"%s\"?", best->name);
}

const char *
account_field_fallback(const struct option *row)
{
	static const char *const off[][2] = {{"opens", "no"}, {"clicks", "no"}, {"trap", "no"},
	    {"privacy", "off"}, {"track_domain", ""}, {"mail_from", "keep"}, {"bounce_domain", ""},
	    {"sender_header", "no"}, {"sender", ""}, {"list_unsubscribe", "no"},
	    {"feedback_id", "no"}, {"id_header", "off"}, {"domainkeys", "no"}, {"signed", "keep"},
	    {"lane", ""}, {"overflow", ""}, {"warmup", "off"}};

	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++) {
		if (strcmp(row->name, off[i][0]) == 0)
			return off[i][1];
	}
	return NULL;
}

static void
words_format(const struct option_words *words, struct buf *out)
{
	for (size_t i = 0; i < words->n; i++) {
		buf_add_text(out, i == 0 ? "" : ",");
		buf_add_text(out, words->v[i]);
	}
}

static void
addresses_format(const struct address_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		buf_add_text(out, i == 0 ? "" : ",");
		buf_add(out, set->v[i]);
	}
}

void
account_field_format(const struct option *row, const struct account *account, struct buf *out)
{
	const void *member = (const char *)account + row->offset;

	if (row->kind == OPTION_KIND_WORDS)
		words_format(member, out);
	else if (row->kind == OPTION_KIND_ADDRESSES)
		addresses_format(member, out);
	else if (row->kind == OPTION_KIND_TEXT)
		buf_add_text(out, *(const char *const *)member);
	else
		option_format(row, account, out);
}
