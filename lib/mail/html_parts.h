/*
 * html_parts.h - what the files of html*.c share.
 *
 * A reader takes the input and where in it to begin; it gives the place behind what it read, fills
 * the token in, all but its span, and never goes beyond the input.
 */
#ifndef MAIL_HTML_PARTS_H
#define MAIL_HTML_PARTS_H

#include "mail/html.h"

/* What a byte is, for who reads tags. */
enum html_class {
	HTML_SPACE = 1, /* tab, LF, FF, CR, blank */
	HTML_LETTER = 2,
	HTML_ALNUM = 4,
	HTML_ENDS_NAME = 8,  /* of a tag: white space, "/", ">" */
	HTML_ENDS_ATTR = 16, /* a name of an attribute: also "=" */
	HTML_ENDS_BARE = 32, /* a value without quotes: white space, ">" */
	HTML_OPENS = 64,     /* behind "<": begins markup, whatever follows */
	HTML_SKIPPED = 128,  /* between attributes: white space, "/" */
};

extern const unsigned char html_classes[256];

static inline bool
html_has_class(char c, unsigned classes)
{
	return (html_classes[(unsigned char)c] & classes) != 0;
}

/* The first place from i on whose byte is (is not) of one of the classes, or in.n. */
static inline size_t
html_find_class(struct slice in, size_t i, unsigned classes)
{
	while (i < in.n && !html_has_class(in.p[i], classes))
		i++;
	return i;
}

static inline size_t
html_skip_class(struct slice in, size_t i, unsigned classes)
{
	while (i < in.n && html_has_class(in.p[i], classes))
		i++;
	return i;
}

/* The first c from i on, or in.n. */
static inline size_t
html_find(struct slice in, size_t i, char c)
{
	const char *hit = i >= in.n ? NULL : memchr(in.p + i, c, in.n - i);

	return hit == NULL ? in.n : (size_t)(hit - in.p);
}

static inline struct html_span
html_span_of(size_t from, size_t end)
{
	return (struct html_span){from, end - from};
}

/* Does `text`, in lower case, stand at i? */
bool html_stands(struct slice in, size_t i, const char *text);

/* The name at i and the rest of its tag. The kind becomes HTML_DROPPED when the input ends first. */
size_t html_read_tag(struct slice in, size_t i, struct html_token *token);

/* "<!" or "<?" at i, or "</" and what is no name. */
size_t html_read_markup(struct slice in, size_t i, struct html_token *token);

/* From behind "<!doctype". */
size_t html_read_doctype(struct slice in, size_t i, struct html_token *token);

/* From i to "]]>", that included, or to the end. */
size_t html_read_cdata(struct slice in, size_t i, struct html_token *token);

/* Where text of RCDATA, RAWTEXT, script data or PLAINTEXT that begins at t->at ends: at an end tag of
 * the name t->last, or with the input. */
size_t html_text_end(const struct html *t);

#endif
