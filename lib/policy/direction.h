/*
 * direction.h - is this mail arriving, or leaving?
 *
 * Outbound is what an authenticated client sends, what comes from a submitting network, or through
 * a daemon that only submitters reach. Everything else is inbound.
 */
#ifndef POLICY_DIRECTION_H
#define POLICY_DIRECTION_H

#include "base/net.h"
#include "conf/conf.h"

enum direction {
	DIRECTION_INBOUND,
	DIRECTION_OUTBOUND,
};

struct direction_conf {
	struct net_set submit_networks;
	struct option_words submit_daemons; /* as {daemon_name} tells: ORIGINATING, submission */
};

/* The section `inbound` of milter.conf. */
extern const struct conf_section direction_section;

struct direction_facts {
	const struct net_addr *client;
	struct slice login;  /* {auth_authen}; empty when not authenticated */
	struct slice daemon; /* {daemon_name}; empty when the MTA did not say */
};

struct direction_result {
	enum direction direction;
	const char *why; /* static: "login", "network", "daemon", "none" */
};

struct direction_result direction_of(
    const struct direction_conf *conf, const struct direction_facts *facts);

#endif
