/*
 * survey.h - what kind of bytes a text is made of, and how long its lines are.
 */
#ifndef MAIL_SURVEY_H
#define MAIL_SURVEY_H

#include "base/slice.h"

/* What is kept of the beginning of a line: more than a Content-Transfer-Encoding field has. */
#define SURVEY_HEAD_BYTES 64

/* All 0: of nothing. */
struct survey {
	size_t beyond_ascii; /* bytes */
	size_t longest_line; /* bytes without the line end, CRLF */
	bool stray;          /* a CR or LF that is not half of a CRLF, or a NUL */
	bool labelled; /* a line is a Content-Transfer-Encoding field, and says 8bit, binary, or
	                        something else that no encoding is */
	/* of the line that is not yet at its end */
	size_t column;
	bool cr;
	size_t nhead;
	char head[SURVEY_HEAD_BYTES];
};

/* More of the text, in pieces of any size; then survey_end(). */
void survey_add(struct survey *survey, struct slice text);
void survey_end(struct survey *survey);

/* Of a text that is there as a whole. */
struct survey survey_of(struct slice text);

/* Nothing but ASCII in lines of at most line_max bytes, ended by CRLF. */
bool survey_is_clean(const struct survey *survey, size_t line_max);

/* The same, at once. */
bool slice_is_clean(struct slice text, size_t line_max);

#endif
