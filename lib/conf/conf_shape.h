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

/* Enough arena for one call: the text for libconfuse, and for each option with its value (four bytes
 * of the file, a = b, are the least) the records below. */
#define CONF_SHAPE_ARENA_BYTES (32 * CONF_FILE_MAX_BYTES)

/* One value of an option. */
struct conf_value {
	struct conf_value *next;
	unsigned line;
};

/* One section with a title. */
struct conf_titled {
	struct conf_titled *next;
	size_t section;
	struct slice title;
	unsigned line; /* where it begins */
	size_t i;      /* among those of that name with a title */
};

/* One option that was given. */
struct conf_given {
	struct conf_given *next;
	const struct option *row;
	size_t section;
	const struct conf_titled *titled; /* NULL: in the section without a title */
	unsigned nth;                     /* of all sections of that name, with and without */
	unsigned line;                    /* where it was given first */
	bool add;                         /* its first sign was "+=": what the list holds stays */
	struct conf_value *first;         /* in the order of the file */
	struct conf_value **end;
};

struct conf_shape {
	const struct conf_section *const *sections; /* the caller sets these four */
	size_t n;
	struct slice text;
	const char *name;

	unsigned section_lines[CONF_SECTIONS_MAX]; /* where it begins; 0: not there */
	size_t titled_n[CONF_SECTIONS_MAX];        /* how many with a title */
	struct conf_titled *titled;                /* in the order of the file, as … */
	struct conf_given *givens;
	struct buf clean; /* the tokens again, for libconfuse: no comments, titles, CR */
};

/* Reads shape->text. What shape then points to is in the arena. 0, or -1 with
 * "NAME:LINE: what is wrong; what is right". */
int conf_shape_read(struct conf_shape *shape, struct arena *a, struct err *err);

#endif
