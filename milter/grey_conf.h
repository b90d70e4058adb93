/*
 * grey_conf.h - the section `greylist` of milter.conf.
 */
#ifndef MILTER_GREY_CONF_H
#define MILTER_GREY_CONF_H

#include "policy/module.h"

enum grey_mode {
	GREY_MODE_ALL,
	GREY_MODE_SUSPICIOUS,
	GREY_MODE_OFF,
};

struct grey_conf {
	struct module_conf module; /* on_error, shadow */
	int mode;                  /* enum grey_mode */
	int64_t score;             /* SUSPICIOUS: from this score on */
	int64_t block_s;
	int64_t pass_s;
	int64_t expire_s;
	int64_t promote_after;
	int64_t promote_gap_s;
	bool identity; /* by SPF and host name, before the network */
	int64_t network4_bits;
	int64_t network6_bits;
	int64_t correspondents_s; /* 0: off */
	struct net_set allow_networks;
	struct address_set allow_senders;
	struct address_set optout;
	const char *text;
	bool header;
	bool learning;
};

#endif
