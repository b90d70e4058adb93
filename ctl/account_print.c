/*
 * account_print.c - see account_print.h.
 */
#include "account_print.h"

#include "table.h"

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account", .hidden = true},
    {.title = "OPTION", .key = "option"},
    {.title = "BEFORE", .key = "before"},
    {.title = "AFTER", .key = "after"},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct printing {
	const struct account_view *view;
	struct arena arena;
	struct table table;
	struct slice name;
};

/* The value, or, where there is none, to eyes the default. */
static void
value_cell(struct printing *p, const char *option, const struct slice *value, enum out_style style)
{
	const struct option *row = account_row(slice_of(option));
	const char *initial;

	if (value != NULL) {
		table_text(&p->table, style,
		    value->n > 0 || p->table.out->form == OUT_JSON
			? account_value_shown(row, *value)
			: slice_of("\"\""));
		return;
	}
	initial = row != NULL && p->table.out->form == OUT_TERMINAL
		      ? account_value(row, p->view->defaults, &p->arena)
		      : NULL;
	if (initial == NULL || initial[0] == '\0')
		table_none(&p->table);
	else
		table_text(&p->table, OUT_DIM, account_value_shown(row, slice_of(initial)));
}

static void
option_row(
    struct printing *p, const char *option, const struct slice *before, const struct slice *after)
{
	bool same = before == NULL || after == NULL ? before == after : slice_eq(*before, *after);

	if (same)
		return;
	table_text(&p->table, OUT_NORMAL, p->name);
	table_text(&p->table, OUT_NORMAL, slice_of(option));
	value_cell(p, option, before, OUT_NORMAL);
	value_cell(p, option, after, OUT_BOLD);
	table_row(&p->table);
}

static void
key_row(struct printing *p, const struct account_keys_edit *edit)
{
	table_text(&p->table, OUT_NORMAL, p->name);
	table_words(&p->table, OUT_NORMAL, "match");
	if (edit->add)
		table_none(&p->table);
	table_text(&p->table, edit->add ? OUT_BOLD : OUT_NORMAL, edit->key);
	if (!edit->add)
		table_none(&p->table);
	table_row(&p->table);
}

/* Options that there are no more, or that nobody knows. */
static void
others_print(
    struct printing *p, const struct store_account *before, const struct store_account *after)
{
	for (size_t i = 0; i < before->n; i++) {
		const char *option = arena_text(&p->arena, before->fields[i].name);

		if (option != NULL && account_row(before->fields[i].name) == NULL)
			option_row(
			    p, option, &before->fields[i].value, account_field_find(after, option));
	}
}

void
account_changes_print(const struct account_view *view, const struct store_account *before,
    const struct store_account *after, const struct account_keys_edit *keys, size_t nkeys)
{
	struct out *out = &view->ctl->out;
	struct printing p = {.view = view, .name = after->name};
	char storage[160];
	struct buf closing = BUF_OVER(storage);

	arena_init(&p.arena, 16384, (size_t)64 * 1024 * 1024);
	table_begin(&p.table, out, columns, COLUMNS);
	for (const struct option *row = account_section.options; row->name != NULL; row++)
		option_row(&p, row->name, account_field_find(before, row->name),
		    account_field_find(after, row->name));
	others_print(&p, before, after);
	for (size_t i = 0; i < nkeys; i++)
		key_row(&p, &keys[i]);
	table_end(&p.table);
	if (out->form == OUT_TERMINAL) {
		buf_add(&closing, after->name);
		buf_add_text(&closing, before->exists ? ": " : ": added; ");
		if (p.table.rows == 0 && before->exists)
			buf_add_text(&closing, "nothing to change");
		else
			buf_add_text(&closing, "gatepostd sees it within a second");
		out_print(out, OUT_DIM, "%s%s\n", p.table.rows > 0 ? "\n" : "", buf_text(&closing));
	}
	arena_fini(&p.arena);
}
