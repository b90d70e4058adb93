/*
 * outbound_conf.h - the section `outbound`, which the outbound modules share.
 */
#ifndef MILTER_OUTBOUND_CONF_H
#define MILTER_OUTBOUND_CONF_H

#include "policy/account_match.h"
#include "policy/module.h"

struct outbound_conf {
	struct module_conf module; /* first: see module.h */
	bool enabled;
	struct option_words precedence;
	const char *default_account;
	int64_t refresh_s;
	const char *keyring;
	const char *keys;
	bool require_dns;
	const char *xverp_delimiters;
	const char *spool;
	int64_t events_keep;
};

extern const struct conf_section outbound_section;

/* The active() of the outbound modules. */
bool outbound_active(const void *conf);

#endif
