/*
 * html_reference.h - character references (WHATWG 13.2.5.72 to 80): &amp; &auml &#8364; and back.
 *
 * What is written goes into a buffer of the caller's as UTF-8; the buffer's `over` says when it was
 * too small. A reference that is none stays as it stands.
 */
#ifndef MAIL_HTML_REFERENCE_H
#define MAIL_HTML_REFERENCE_H

#include "base/buf.h"

/* The longest of the names that the standard knows, ";" and all. */
#define HTML_NAME_MAX 32

enum html_place {
	HTML_IN_TEXT,
	HTML_IN_VALUE, /* where "&copy=1" and "&copyright" say what they seem to */
};

/* What `raw` says: all but references is copied, line ends and NULs as they are. It takes at most
 * html_decoded_max(raw.n) bytes. */
void html_decode(struct buf *out, struct slice raw, enum html_place place);

/* Two names are shorter than what they stand for: "&nGt;" are 5 bytes and say 6. */
static inline size_t
html_decoded_max(size_t n)
{
	return n + n / 4;
}

/* A value as it may stand between `quote`s, '"' or '\''. It decodes to the same again, if it has
 * neither NUL nor CR, which HTML cannot say. */
void html_escape(struct buf *out, struct slice value, char quote);

#endif
