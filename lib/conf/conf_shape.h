/*
 * conf_shape.h - what stands where in milter.conf: sections, options, how many values. No value is
 * looked at yet.
 *
 * libconfuse lets the last of two settings win, forgets the first of two sections, does not miss
 * the last brace, and names lines that are off by the comments above them. Here all of this is an
 * error, with the right line.
 */
#ifndef CONF_CONF_SHAPE_H
#define CONF_CONF_SHAPE_H

#include "conf/conf.h"

/* Enough arena for one call: the text for libconfuse, and 16 bytes for each value. */
#define CONF_SHAPE_ARENA_BYTES (32 * CONF_FILE_MAX_BYTES)

/* One value of an option. */
struct conf_value {
	struct conf_value *next;
	unsigned line;
};

/* One option that was given. */
struct conf_given {
	const struct option *row;
	size_t section;
	unsigned line;            /* where it was given first */
	bool add;                 /* its first sign was "+=": the default's entries stay */
	struct conf_value *first; /* in the order of the file */
	struct conf_value **end;
};

struct conf_shape {
	const struct conf_section *const *sections; /* the caller sets these four */
	size_t n;
	struct slice text;
	const char *name;

	unsigned section_lines[CONF_SECTIONS_MAX]; /* where it begins; 0: not there */
	struct conf_given *givens;                 /* in the order of the file */
	size_t given_n;
	struct buf clean; /* the tokens again, for libconfuse: no comments, no CR */
};

/* Reads shape->text. What shape then points to is in the arena. 0, or -1 with
 * "NAME:LINE: what is wrong; what is right". */
int conf_shape_read(struct conf_shape *shape, struct arena *a, struct err *err);

/* What was given for the option, or NULL. */
struct conf_given *conf_shape_find(
    const struct conf_shape *shape, size_t section, const struct option *row);

#endif
