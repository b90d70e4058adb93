/*
 * edit.h - what is to be changed in a message, as a list that apply.c replays through the milter.
 */
#ifndef MAIL_EDIT_H
#define MAIL_EDIT_H

#include "base/arena.h"
#include "base/slice.h"

/* Edits of one message. A transform that finds no room leaves the message as it is. */
#define EDITS_MAX 128

enum edit_kind {
	EDIT_INSERT_HEADER,
	EDIT_CHANGE_HEADER,
	EDIT_DELETE_HEADER,
};

struct edit {
	enum edit_kind kind;
	/* INSERT: the field becomes the one at this index, counted from 0 = above everything that
	 * the message had when it came. CHANGE, DELETE: the how-manieth field of that name, from 1,
	 * as they are at that moment: delete from the last to the first. */
	int index;
	const char *name;  /* NUL-terminated, in the arena or static */
	const char *value; /* the same, without the blank behind the colon; no CR, and LF only
			      before the white space of a fold. NULL: DELETE */
};

struct body_edits;

/* All 0: nothing is changed. */
struct edits {
	struct edit v[EDITS_MAX]; /* of the header, in their order */
	size_t n;

	/* The edits of the header are to be done all, or none: among them is a signature of what
	 * they make together. Where the body is edited, that holds anyway. */
	bool whole;

	/* MAIL FROM becomes this, in angle brackets; NULL: it stays. Its ESMTP parameters (RFC 5321
	 * section 3.3), of which an MTA takes RET and ENVID, or none at all; NULL: none. */
	const char *sender;
	const char *sender_args;
	bool sender_keeps; /* it is the one that came: only the parameters are new */

	const char *const *drops; /* recipients who get no copy, as the MTA gave them */
	size_t ndrops;
	const char *const *adds; /* recipients who get one beside those that the client named */
	size_t nadds;

	const struct body_edits *body_edits; /* NULL, or none in it: the body stays */
	struct slice body;                   /* that they are for: the whole, as it came */
};

/* Begins: nothing is changed. */
void edits_init(struct edits *edits);

/* Is a field taken out of the header? */
bool edits_remove(const struct edits *edits);

/* Becomes another body of what came? */
bool edits_of_body(const struct edits *edits);

/* Add an edit; the strings must live as long as the list. 0, or -1 when there is no room, or a
 * string is NULL (no memory in the arena that it was to be in). */
int edits_insert_header(struct edits *edits, int index, const char *name, const char *value);
int edits_change_header(struct edits *edits, int index, const char *name, const char *value);
int edits_delete_header(struct edits *edits, int index, const char *name);

#endif
