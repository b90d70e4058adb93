/*
 * edit.h - what is to be changed in a message, as a list that apply.c replays through the milter.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include "base/arena.h"
#include "base/slice.h"

/* Edits of one message. A transform that finds no room leaves the message as it is. */
#define EDITS_MAX 64

struct edit {
	/* Insert a header field so that it is the one at this index, counted from 0 = above
	 * everything that the message had when it came. */
	int index;
	const char *name;  /* NUL-terminated, in the arena or static */
	const char *value; /* the same; no CR, and LF only before the white space of a fold */
};

struct edits {
	struct edit v[EDITS_MAX];
	size_t n;
};

/* Adds an insertion; both strings must live as long as the list. 0, or -1 when there is no room. */
int edits_insert_header(struct edits *edits, int index, const char *name, const char *value);

#endif
