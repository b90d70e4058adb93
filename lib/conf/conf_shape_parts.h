/*
 * conf_shape_parts.h - what conf_shape*.c share among themselves.
 */
#ifndef CONF_CONF_SHAPE_PARTS_H
#define CONF_CONF_SHAPE_PARTS_H

#include "conf/conf_scan.h"
#include "conf/conf_shape.h"
#include "conf/option_parts.h"

struct conf_reader {
	struct conf_shape *shape;
	struct conf_scan scan;
	struct conf_token token; /* the next one, not used up yet */
	struct arena *arena;
	struct err *err;

	/* the section being read */
	size_t section;
	const struct conf_titled *titled; /* NULL: it has no title */
	unsigned nth;                     /* of all of that name */
	char where[OPTION_SHOW_BYTES];    /* "greylist", "account shop" */
	unsigned line;                    /* where it begins */
	struct conf_given **begin;        /* its first option goes here, … */
	struct conf_given **end;          /* … and the next one here */
	unsigned value_line;              /* of the single value that was read last; 0: none */

	unsigned begun[CONF_SECTIONS_MAX]; /* how many of that name there were so far */
	struct conf_titled **titled_end;
};

/* To the next token; the one so far goes to libconfuse. */
int conf_reader_advance(struct conf_reader *r);

/* The token as errors name it: words and signs in quotes, strings as they are written. */
struct option_shown conf_token_show(const struct conf_token *token);

bool conf_token_is_value(const struct conf_token *token);

/* The section of that name, and its index; or NULL. */
const struct conf_section *conf_section_find(
    const struct conf_shape *shape, struct slice name, size_t *i_r);

/* Errors: no memory, and something else where the name of `whose` should stand. */
int conf_reader_no_memory(const struct conf_reader *r);
int conf_reader_name_fail(const struct conf_reader *r, const char *whose);

/* Reads one option of the section, from its name over its value. */
int conf_shape_option(struct conf_reader *r);

#endif
