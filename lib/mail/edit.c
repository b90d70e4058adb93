/*
 * edit.c - see edit.h.
 */
#include "mail/edit.h"

static int
edits_add(struct edits *edits, const struct edit *edit)
{
	if (edits->n == EDITS_MAX || edit->name == NULL ||
	    (edit->value == NULL) != (edit->kind == EDIT_DELETE_HEADER))
		return -1;
	edits->v[edits->n++] = *edit;
	return 0;
}

int
edits_insert_header(struct edits *edits, int index, const char *name, const char *value)
{
	return edits_add(edits, &(struct edit){EDIT_INSERT_HEADER, index, name, value});
}

int
edits_change_header(struct edits *edits, int index, const char *name, const char *value)
{
	return edits_add(edits, &(struct edit){EDIT_CHANGE_HEADER, index, name, value});
}

int
edits_delete_header(struct edits *edits, int index, const char *name)
{
	return edits_add(edits, &(struct edit){EDIT_DELETE_HEADER, index, name, NULL});
}
