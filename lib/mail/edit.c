/*
 * edit.c - see edit.h.
 */
#include "mail/edit.h"

int
edits_insert_header(struct edits *edits, int index, const char *name, const char *value)
{
	if (edits->n == EDITS_MAX || name == NULL || value == NULL)
		return -1;
	edits->v[edits->n++] = (struct edit){index, name, value};
	return 0;
}
