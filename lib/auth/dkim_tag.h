/*
 * dkim_tag.h - tag=value lists, as in DKIM-Signature fields and key records (RFC 6376 section 3.2).
 */
#ifndef AUTH_DKIM_TAG_H
#define AUTH_DKIM_TAG_H

#include "base/arena.h"

struct dkim_tag {
	struct slice name;  /* empty: what stands here is no tag=value */
	struct slice value; /* without the white space around it, that within it kept */
	bool spaced;        /* white space before the "=" */
};

/* Takes the next tag off the front of list; false at the end. */
bool dkim_tag_next(struct slice *list, struct dkim_tag *tag_r);

/* The value of the first tag of that name; false when there is none. */
bool dkim_tag_find(struct slice list, const char *name, struct slice *value_r);

/* The first max bytes of s without its white space, in lower case when asked for. Empty when the
 * arena is. */
struct slice dkim_tag_collapse(struct arena *arena, struct slice s, size_t max, bool lower);

/* True when one of the words of a list with colons is `word`, whatever the case. */
bool dkim_tag_has_word(struct slice list, const char *word);

#endif
