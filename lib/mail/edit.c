/*
 * edit.c - see edit.h.
 */
#include "mail/edit.h"

#include "mail/body_edit.h"

void
edits_init(struct edits *edits)
{
	edits->n = 0; /* what is behind it is not read, and 4 KB */
	edits->whole = false;
	edits->sender = NULL;
	edits->sender_args = NULL;
	edits->sender_keeps = false;
	edits->drops = NULL;
	edits->ndrops = 0;
	edits->adds = NULL;
	edits->nadds = 0;
	edits->body_edits = NULL;
	edits->body = slice_make(NULL, 0);
}

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

bool
edits_of_body(const struct edits *edits)
{
	return edits->body_edits != NULL && edits->body_edits->n > 0;
}

bool
edits_remove(const struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		if (edits->v[i].kind == EDIT_DELETE_HEADER)
			return true;
	}
	return false;
}
