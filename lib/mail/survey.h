/*
 * survey.h - what kind of bytes a text is made of, and how long its lines are.
 */
#ifndef MAIL_SURVEY_H
#define MAIL_SURVEY_H

#include "base/slice.h"

struct survey {
	size_t beyond_ascii; /* bytes */
	size_t longest_line; /* bytes without the line end, CRLF */
	bool stray;          /* a CR or LF that is not half of a CRLF, or a NUL */
};

struct survey survey_of(struct slice text);

/* Nothing but ASCII in lines of at most line_max bytes, ended by CRLF. */
bool survey_is_clean(const struct survey *survey, size_t line_max);

/* The same, at once. */
bool slice_is_clean(struct slice text, size_t line_max);

#endif
