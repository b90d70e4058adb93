/*
 * out.h - what is printed, in one of three forms.
 *
 *	terminal  for eyes: aligned, with a header line, colours, times in words ("5 minutes ago")
 *	pipe      for awk: one row a line, cells between tabs, no header, no colours; times are Unix
 *	          seconds, durations are seconds, what there is not is "-"
 *	JSON      an array of objects; times and durations as in a pipe, what there is not is null
 *
 * What comes from elsewhere may hold any byte: in every form, whatever is not printable ASCII is
 * written as \xNN, and a backslash as \\.
 */
#ifndef CTL_OUT_H
#define CTL_OUT_H

#include "base/buf.h"
#include "base/slice.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

enum out_form {
	OUT_TERMINAL,
	OUT_PIPE,
	OUT_JSON,
};

enum out_style {
	OUT_NORMAL,
	OUT_DIM,
	OUT_BOLD,
	OUT_GOOD,
	OUT_WARNING,
	OUT_BAD,
};

struct out {
	FILE *to;
	enum out_form form;
	bool color;
	bool utf8;    /* the terminal can show more than ASCII */
	size_t width; /* in places, where sentences are wrapped */
	bool failed;  /* something could not be printed, or there was no memory for it */
};

/* color: "auto", "always" (which also gives a pipe the form of a terminal), "never", or NULL: auto.
 * 0, or -1 when it is another word. */
int out_init(struct out *out, FILE *to, bool json, const char *color);

/* Prints, in that style where there are colours. The words are ours: nothing is escaped. */
void out_print(struct out *out, enum out_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints what may hold hostile bytes. */
void out_slice(struct out *out, enum out_style style, struct slice text);

/* Prints a sentence that begins at the indent, and as many lines as it needs, indented as much.
 * What is escaped may make a line longer. */
void out_wrapped(struct out *out, struct slice text, size_t indent);

/* Prints a value in the words of milter.conf, which may hold bytes beyond ASCII: they are written as
 * one would there, "\xNN". */
void out_value(struct out *out, enum out_style style, struct slice text);

/* One object of the array that is printed; begins it, or goes on. Takes the object. */
void out_json(struct out *out, json_t *object, bool first);

/* After the last object; none: there was no object. */
void out_json_end(struct out *out, bool none);

/* Appends text with its hostile bytes written as \xNN. */
void out_escape(struct buf *to, struct slice text);

/* Text for JSON, escaped in the same way; NULL without memory. */
json_t *out_json_text(struct slice text);
json_t *out_json_value(struct slice text);

/* True when there is no use in going on: the reader is gone, the disk is full. */
bool out_is_dead(const struct out *out);

#endif
