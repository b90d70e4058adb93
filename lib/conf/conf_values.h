/*
 * conf_values.h - libconfuse: from tokens to the text of values, quotes and escapes undone.
 */
#ifndef CONF_CONF_VALUES_H
#define CONF_CONF_VALUES_H

#include "conf/conf_shape.h"

struct conf_values;

/* Hands shape->clean to libconfuse. NULL when that cannot read it, for want of memory:
 * conf_shape_read() refuses before all else that libconfuse would refuse. Goes with
 * conf_values_free(); the arena is for what is needed besides. One call at a time in the whole
 * process. */
struct conf_values *conf_values_read(const struct conf_shape *shape, struct arena *a);

void conf_values_free(struct conf_values *values);

/* The i-th value that was given for the option; it lives as long as the values. */
struct slice conf_values_get(
    const struct conf_values *values, const struct conf_given *given, unsigned i);

#endif
