/*
 * sign_value.h - writes the value of a signature field: tags, folded before column 78 where that can
 * be done, with LF and a tab.
 *
 *	struct sign_value v = sign_value_begin(&out, name);
 *	sign_value_tag(&v, "d", domain);
 *	sign_value_line(&v);                      what comes next begins a line
 *	sign_value_list(&v, "h"); sign_value_item(&v, from); sign_value_item(&v, to);
 *	sign_value_open(&v, "b");                 to be signed up to here
 *	sign_value_fill(&v, base64);
 *
 * A value that is cut off sets out's `over`.
 */
#ifndef AUTH_SIGN_VALUE_H
#define AUTH_SIGN_VALUE_H

#include "base/buf.h"

struct sign_value {
	struct buf *out;
	size_t column;
	bool begun;      /* there is a tag */
	bool fresh_line; /* nothing but the tab on it yet */
	bool fresh_list;
};

struct sign_value sign_value_begin(struct buf *out, struct slice field_name);

void sign_value_tag(struct sign_value *v, const char *tag, struct slice value);
void sign_value_line(struct sign_value *v);

/* A tag whose value are words with colons between them. */
void sign_value_list(struct sign_value *v, const char *tag);
void sign_value_item(struct sign_value *v, struct slice word);

/* A tag without its value, then the value, which may be folded anywhere. */
void sign_value_open(struct sign_value *v, const char *tag);
void sign_value_fill(struct sign_value *v, struct slice text);

#endif
