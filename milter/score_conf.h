/*
 * score_conf.h - the section `score` of milter.conf.
 */
#ifndef MILTER_SCORE_CONF_H
#define MILTER_SCORE_CONF_H

#include "policy/module.h"
#include "policy/score.h"

struct score_conf {
	struct module_conf module; /* shadow */
	struct score_limits limits;
	const char *prefix;
};

#endif
