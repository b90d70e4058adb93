/*
 * conf_suggest.h - what somebody meant who wrote a name that does not exist.
 */
#ifndef CONF_CONF_SUGGEST_H
#define CONF_CONF_SUGGEST_H

#include "conf/conf.h"

#define CONF_SUGGEST_BYTES 160

struct conf_suggestion {
	char text[CONF_SUGGEST_BYTES]; /* a clause for the end of an error: "did you mean …?" */
};

/* For an option name within section `own`; own = n: outside of all. */
struct conf_suggestion conf_suggest_option(
    const struct conf_section *const *sections, size_t n, size_t own, struct slice name);

/* For a section name. */
struct conf_suggestion conf_suggest_section(
    const struct conf_section *const *sections, size_t n, struct slice name);

#endif
