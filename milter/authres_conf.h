/*
 * authres_conf.h - the section `authentication_results` of milter.conf, and the fields that are ours.
 */
#ifndef MILTER_AUTHRES_CONF_H
#define MILTER_AUTHRES_CONF_H

#include "policy/module.h"

#define AUTHRES_HEADER "Authentication-Results"
#define SCORE_HEADER   "X-Gatepost-Score"

/* More names of ours. */
#define AUTHRES_IDS_MAX 20

struct authres_conf {
	struct module_conf module;
	bool enabled;
	const char *id; /* "": the MTA's own host name */
	struct option_words ours;
};

/* The authserv-id in force. */
static inline struct slice
authres_own_id(const struct authres_conf *c, const struct txn *txn)
{
	return c->id[0] != '\0' ? slice_of(c->id) : txn->mta;
}

#endif
