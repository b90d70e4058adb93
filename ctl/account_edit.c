/*
 * account_edit.c - see account_edit.h.
 */
#include "account_edit.h"

#define VALUE_BYTES (2 * ACCOUNT_VALUE_BYTES)

int
account_edit_begin(struct account_edit *edit, const struct store_account *store, size_t words)
{
	edit->n = store->n;
	edit->room = store->n + words;
	edit->set = 0;
	edit->v = arena_alloc(edit->arena, (edit->room + 1) * sizeof(*edit->v));
	if (edit->v == NULL)
		return -1;
	if (store->n > 0)
		memcpy(edit->v, store->fields, store->n * sizeof(*edit->v));
	return 0;
}

static struct account_field *
field_find(struct account_edit *edit, struct slice option)
{
	for (size_t i = 0; i < edit->n; i++) {
		if (slice_eq(edit->v[i].name, option))
			return &edit->v[i];
	}
	return NULL;
}

/* "OPTION: there is no such option …" */
static int
unknown(struct slice option, struct err *err)
{
	struct err why;

	account_field_unknown(option, &why);
	return err_set(err, why.code, "\"%.*s\": %s", SLICE_ARG(slice_head(option, 40)), why.text);
}

static int
wrong(const struct option *row, const char *what, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s: %s", row->name, what);
}

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "there is no memory left");
}

int
account_edit_set(
    struct account_edit *edit, struct slice option, struct slice value, struct err *err)
{
	const struct option *row = account_row(option);
	struct account_field field = {option, slice_trim(value)};
	struct account_field *there;

	if (row == NULL)
		return unknown(option, err);
	if (slice_eq(option, slice_of(ACCOUNT_MARK)))
		return wrong(
		    row, "keys are written as --match KEY (in a file: \"match\": [KEY])", err);
	if (account_field_check(&field, edit->scratch, err) != 0)
		return -1;
	there = field_find(edit, option);
	if (there == NULL && edit->n == edit->room)
		return no_memory(err);
	if (there == NULL)
		there = &edit->v[edit->n++];
	*there = field;
	return 0;
}

static void
field_remove(struct account_edit *edit, struct slice option)
{
	struct account_field *there = field_find(edit, option);

	if (there != NULL)
		*there = edit->v[--edit->n];
}

/* --- lists --- */

/* One entry after the other of a list as account_field_format() writes it. */
static bool
entry_next(struct slice *rest, struct slice *entry_r)
{
	*entry_r = slice_head(*rest, slice_find(*rest, ','));
	*rest = slice_from(*rest, entry_r->n + 1);
	return entry_r->n > 0;
}

static bool
list_has(struct slice list, struct slice wanted)
{
	struct slice entry;

	while (entry_next(&list, &entry)) {
		if (slice_eq_nocase(entry, wanted))
			return true;
	}
	return false;
}

static void
list_add(struct buf *out, struct slice entry)
{
	buf_add_text(out, out->n > 0 ? "," : "");
	buf_add(out, entry);
}

/* The list as it is now, in canonical form; entries that are wrong are left out. */
static int
list_now(struct account_edit *edit, const struct option *row, struct buf *out, struct err *err)
{
	const struct account_field *there = field_find(edit, slice_of(row->name));
	struct account trial = *edit->defaults;
	struct err why;

	if (there != NULL)
		(void)account_list_set(&trial, row, there->value, edit->arena, &why);
	account_field_format(row, &trial, out);
	return out->over ? wrong(row, "the list is too long to be changed so", err) : 0;
}

/* What the word names, in canonical form. */
static int
list_named(struct account_edit *edit, const struct option *row, struct slice value, struct buf *out,
    struct err *err)
{
	struct account trial = *edit->defaults;
	struct err why;

	if (account_field_set(&trial, row, value, edit->arena, &why) != 0)
		return wrong(row, why.text, err);
	account_field_format(row, &trial, out);
	if (out->n == 0)
		return wrong(row, "which entries?", err);
	return out->over ? wrong(row, "the list is too long to be changed so", err) : 0;
}

/* now + named, or now - named, into out. */
static int
list_merge(const struct option *row, struct slice now, struct slice named, bool add,
    struct buf *out, struct err *err)
{
	struct slice rest = named, entry;

	while (!add && entry_next(&rest, &entry)) {
		if (!list_has(now, entry))
			return err_set(err, ERR_INVALID, "%s: \"%.*s\" is not in the list",
			    row->name, SLICE_ARG(slice_head(entry, 80)));
	}
	for (rest = now; entry_next(&rest, &entry);) {
		if (add || !list_has(named, entry))
			list_add(out, entry);
	}
	for (rest = named; add && entry_next(&rest, &entry);) {
		if (!list_has(buf_slice(out), entry))
			list_add(out, entry);
	}
	return out->over ? wrong(row, "the list would be too long", err) : 0;
}

static int
list_change(struct account_edit *edit, const struct option *row, struct slice value, bool add,
    struct err *err)
{
	char *storage = arena_alloc(edit->arena, 3 * VALUE_BYTES);
	struct buf now, named, merged;

	if (storage == NULL)
		return no_memory(err);
	buf_init(&now, storage, VALUE_BYTES);
	buf_init(&named, storage + VALUE_BYTES, VALUE_BYTES);
	buf_init(&merged, storage + 2 * VALUE_BYTES, VALUE_BYTES);
	if (list_now(edit, row, &now, err) != 0 || list_named(edit, row, value, &named, err) != 0 ||
	    list_merge(row, buf_slice(&now), buf_slice(&named), add, &merged, err) != 0)
		return -1;
	return account_edit_set(edit, slice_of(row->name), buf_slice(&merged), err);
}

/* --- words --- */

/* "OPTION=VALUE", "OPTION+=VALUE", "OPTION-=VALUE" */
struct word {
	struct slice option, value;
	char sign; /* '=', '+' or '-' */
};

static int
word_read(const char *text, struct word *word_r, struct err *err)
{
	struct slice all = slice_of(text);
	size_t at = slice_find(all, '=');
	struct slice option = slice_head(all, at);
	char last = (char)(option.n > 0 ? option.p[option.n - 1] : '\0');

	if (account_map_key_check(all, NULL) == 0)
		return err_set(err, ERR_INVALID, "\"%.*s\": a key? write --match %.*s",
		    SLICE_ARG(slice_head(all, 80)), SLICE_ARG(slice_head(all, 80)));
	if (at == all.n || option.n == 0)
		return err_set(err, ERR_INVALID, "\"%.*s\": write OPTION=VALUE",
		    SLICE_ARG(slice_head(all, 80)));
	*word_r = (struct word){option, slice_from(all, at + 1), '='};
	if (last == '+' || last == '-') {
		word_r->sign = last;
		word_r->option.n--;
	}
	return 0;
}

/* No option is set twice, nor set and changed in the other order. */
static int
once_check(struct account_edit *edit, const struct option *row, bool sets, struct err *err)
{
	uint64_t bit = 1ULL << (row - account_section.options);

	if (sets && (edit->set & bit) != 0)
		return wrong(row, "it is there twice", err);
	edit->set |= bit;
	return 0;
}

int
account_edit_word(struct account_edit *edit, const char *word, struct err *err)
{
	static const struct slice nothing = SLICE_LIT("\"\"");
	const struct option *row;
	struct word w = {.sign = '='};

	if (word_read(word, &w, err) != 0)
		return -1;
	row = account_row(w.option);
	if (row == NULL && w.sign == '=' && w.value.n == 0 && field_find(edit, w.option) != NULL) {
		field_remove(edit, w.option); /* what somebody else put in wrongly */
		return 0;
	}
	if (row == NULL)
		return unknown(w.option, err);
	if (once_check(edit, row, w.sign == '=', err) != 0)
		return -1;
	if (w.sign != '=' && !option_is_list(row))
		return wrong(row, "it is no list: += and -= are for lists", err);
	if (w.sign != '=')
		return list_change(edit, row, w.value, w.sign == '+', err);
	if (w.value.n > 0)
		return account_edit_set(
		    edit, w.option, slice_eq(w.value, nothing) ? slice_make("", 0) : w.value, err);
	field_remove(edit, w.option);
	return 0;
}
