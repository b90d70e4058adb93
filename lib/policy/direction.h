/*
 * direction.h - is this mail arriving, or leaving? And if it arrives: is it judged at all?
 *
 * Outbound is what an authenticated client sends, what comes from a submitting network, from one
 * that has an account, or through a daemon that only submitters reach, and what comes from no
 * client at all: sendmail(1). Everything else is inbound.
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
	struct net_set allow_networks;      /* clients that no check judges */
	struct address_set optout;          /* recipients that no check judges */
};

/* The section `inbound` of milter.conf. */
extern const struct conf_section direction_section;

struct direction_facts {
	const struct net_addr *client;
	struct slice login;  /* {auth_authen}; empty when not authenticated */
	struct slice daemon; /* {daemon_name}; empty when the MTA did not say */
	bool account;        /* the client's network has an account */
};

struct direction_result {
	enum direction direction;
	const char *why; /* static: "login", "network", "account", "daemon", "local", "none" */
};

struct direction_result direction_of(
    const struct direction_conf *conf, const struct direction_facts *facts);

#endif
