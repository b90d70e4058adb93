/*
 * conf_scan.h - the tokens of milter.conf, read before libconfuse sees any of it.
 *
 * libconfuse's own scanner skips bytes that it does not know, keeps an unfinished string for the
 * next parse (a reload), fills in variables of the environment, refuses comments within lists and
 * counts comment lines twice. So this one refuses what it must not see, and conf_shape.c gives it
 * only what was understood here. The rules of words, quotes and comments are libconfuse's:
 *
 *	word     anything but blanks and # " ' = { } ( ) + , *
 *	"…"      C escapes: \n \t \" \\ \x41 \101 …
 *	'…'      \\ and \' are escapes, everything else stands for itself
 *	comment  from # or // to the end of the line, or between the marks of C
 *
 * Strings end on the line where they began, unless a backslash ends the line.
 */
#ifndef CONF_CONF_SCAN_H
#define CONF_CONF_SCAN_H

#include "base/err.h"
#include "base/slice.h"

/* Longer lines are no configuration, and libconfuse takes quadratic time over long strings. */
#define CONF_LINE_MAX_BYTES 4096

enum conf_token_kind {
	CONF_TOKEN_END,
	CONF_TOKEN_WORD,
	CONF_TOKEN_STRING, /* in quotes */
	CONF_TOKEN_OPEN,   /* { */
	CONF_TOKEN_CLOSE,  /* } */
	CONF_TOKEN_SET,    /* = */
	CONF_TOKEN_ADD,    /* += */
	CONF_TOKEN_COMMA,
};

struct conf_token {
	enum conf_token_kind kind;
	struct slice text; /* as written, with the quotes */
	unsigned line;     /* where it begins */
};

struct conf_scan {
	struct slice text;
	const char *name;
	size_t at;
	unsigned line;
};

/* Starts at the first byte of text, after a look at all of it: too large, too long a line, control
 * characters. 0, or -1 with "NAME:LINE: what is wrong". */
int conf_scan_init(struct conf_scan *scan, struct slice text, const char *name, struct err *err);

/* The next token, CONF_TOKEN_END for ever at the end. 0, or -1 as above. */
int conf_scan_next(struct conf_scan *scan, struct conf_token *token_r, struct err *err);

/* Sets *err to "NAME:LINE: …" (without the line when it is 0) and returns -1. */
int conf_fail(struct err *err, const char *name, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for an error that was found further down: "NAME:LINE: WHERE" and its text, its code. */
int conf_fail_why(
    struct err *err, const char *name, unsigned line, const char *where, const struct err *why);

#endif
