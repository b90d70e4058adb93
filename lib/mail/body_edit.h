/*
 * body_edit.h - what is to be changed in a message's body: spans of it, and what stands there
 * instead. The body is never held twice: the result is put out piece by piece, what is not changed
 * as it lies.
 */
#ifndef MAIL_BODY_EDIT_H
#define MAIL_BODY_EDIT_H

#include "base/arena.h"
#include "mail/transfer.h"

/* Edits of one body: two for each part that a message may have, and for each link in its text. */
#define BODY_EDITS_MAX 4096

struct body_edit {
	size_t offset; /* in the body as it came */
	size_t n;      /* bytes that go; 0: something is put before `offset` */
	bool recode;   /* what goes comes again, in another transfer encoding; else `text` comes */
	enum transfer_encoding from, to;
	struct slice text;
};

/* Sorted by offset; no two overlap. */
struct body_edits {
	struct arena *arena;
	struct body_edit *v;
	size_t n;
	size_t room;
};

void body_edits_init(struct body_edits *edits, struct arena *a);

/* Room for so many more, so that adding these cannot fail for lack of it. 0, or -1. */
int body_edits_reserve(struct body_edits *edits, size_t more);

/* Add an edit; the text must live as long as the list. 0, or -1: there is no room, or another edit
 * is about these bytes already. Several that put something before the same byte stand in the order
 * in which they were added. */
int body_edits_replace(struct body_edits *edits, size_t offset, size_t n, struct slice text);
int body_edits_recode(struct body_edits *edits, size_t offset, size_t n,
    enum transfer_encoding from, enum transfer_encoding to);

/* Is one of these n bytes changed, or something put before or between them? */
bool body_edits_touch(const struct body_edits *edits, size_t offset, size_t n);

/* Puts the body with the edits done; `body` is the one that they were made for. 0, or -1 when the
 * sink wanted no more. */
int body_edits_apply_to(const struct body_edits *edits, struct slice body, const struct sink *out);

#endif
