/*
 * edits_print.c - see edits_print.h.
 */
#include "edits_print.h"

static const char *
edit_name(enum edit_kind kind)
{
	static const char *const names[] = {
	    [EDIT_INSERT_HEADER] = "insert",
	    [EDIT_CHANGE_HEADER] = "change",
	    [EDIT_DELETE_HEADER] = "delete",
	};

	return names[kind];
}

/* The lines of a folded value become one. */
static void
value_print(struct out *out, const char *value)
{
	struct slice rest = slice_of(value);

	while (rest.n > 0) {
		size_t end = slice_find(rest, '\n');

		out_slice(out, OUT_NORMAL, slice_trim(slice_head(rest, end)));
		rest = slice_from(rest, end + 1);
		out_print(out, OUT_NORMAL, rest.n > 0 ? " " : "");
	}
}

static void
edit_row(struct out *out, const struct edit *e)
{
	out_print(out, OUT_NORMAL, "edit\t%s\t%d\t", edit_name(e->kind), e->index);
	out_slice(out, OUT_NORMAL, slice_of(e->name));
	out_print(out, OUT_NORMAL, e->value != NULL ? "\t" : "\t-");
	value_print(out, e->value);
	out_print(out, OUT_NORMAL, "\n");
}

static void
edit_tell(struct out *out, const struct edit *e)
{
	static const enum out_style styles[] = {
	    [EDIT_INSERT_HEADER] = OUT_GOOD,
	    [EDIT_CHANGE_HEADER] = OUT_WARNING,
	    [EDIT_DELETE_HEADER] = OUT_BAD,
	};

	out_print(out, styles[e->kind], "  %s ", edit_name(e->kind));
	out_slice(out, OUT_BOLD, slice_of(e->name));
	if (e->kind == EDIT_INSERT_HEADER)
		out_print(out, OUT_NORMAL, ": ");
	else
		out_print(out, OUT_NORMAL, " (number %d)%s", e->index,
		    e->kind == EDIT_CHANGE_HEADER ? ": " : "");
	value_print(out, e->value);
	out_print(out, OUT_NORMAL, "\n");
}

json_t *
edits_json(const struct edits *edits)
{
	json_t *array = json_array();

	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *e = &edits->v[i];
		json_t *object = json_object();

		(void)json_object_set_new(object, "edit", json_string(edit_name(e->kind)));
		(void)json_object_set_new(object, "index", json_integer(e->index));
		(void)json_object_set_new(object, "name", out_json_text(slice_of(e->name)));
		(void)json_object_set_new(object, "value",
		    e->value != NULL ? out_json_text(slice_of(e->value)) : json_null());
		(void)json_array_append_new(array, object);
	}
	return array;
}

void
edits_tell(struct out *out, const struct edits *edits)
{
	if (edits->n > 0)
		out_print(out, OUT_BOLD, "\nWhat would be changed in the message\n");
	for (size_t i = 0; i < edits->n; i++)
		edit_tell(out, &edits->v[i]);
}

void
edits_rows(struct out *out, const struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++)
		edit_row(out, &edits->v[i]);
}
