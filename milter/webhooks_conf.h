/*
 * webhooks_conf.h - the section `webhooks`: `gatepostctl webhooks run`.
 */
#ifndef MILTER_WEBHOOKS_CONF_H
#define MILTER_WEBHOOKS_CONF_H

#include "conf/conf.h"

struct webhooks_conf {
	struct net_set allow_networks;
	const char *tls_ca; /* file of certificates; "": the system's */
	int64_t timeout_ms;
	int64_t connections, parallel;
	int64_t tries, retry_first_ms, retry_longest_ms;
	int64_t backlog_s;
	int64_t keep_dead;
};

extern const struct conf_section webhooks_section;

#endif
