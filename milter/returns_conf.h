/*
 * returns_conf.h - the section `returns`: what comes back.
 */
#ifndef MILTER_RETURNS_CONF_H
#define MILTER_RETURNS_CONF_H

#include "policy/module.h"

struct returns_conf {
	struct module_conf module; /* first: see module.h */
	bool enabled;
	int64_t max_age_s;
	const char *patterns; /* empty: none beside what is built in */
	struct address_set feedback;
	struct address_set strict;
	bool refuse_others;
	bool by_id;
};

extern const struct conf_section returns_section;

#endif
