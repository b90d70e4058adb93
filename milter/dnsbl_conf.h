/*
 * dnsbl_conf.h - the section `dnsbl` of milter.conf, and what its lists say as findings.
 */
#ifndef MILTER_DNSBL_CONF_H
#define MILTER_DNSBL_CONF_H

#include "policy/dnsbl.h"
#include "policy/dnsbl_health.h"
#include "policy/module.h"

struct dnsbl_conf {
	struct module_conf module; /* shadow; on_error has no row: no answer is no score */
	struct option_words lists; /* see dnsbl_rule.h */
	struct option_words domain_lists;
	int64_t allow_floor; /* 0 or below */
	int64_t canary_interval_s;
	int64_t breaker_share; /* percent; 0: off */
};

extern const struct conf_section dnsbl_section;

/* Is there any list at all? */
bool dnsbl_active(const void *conf);

/* Parses the lists: *prepared_r becomes a const struct dnsbl_table *. For struct module. */
int dnsbl_prepare(const void *conf, struct arena *a, const void **prepared_r, struct err *err);

/* What the health of this zone is judged by. */
struct dnsbl_limits dnsbl_limits_of(const struct dnsbl_conf *conf, const struct dnsbl_zone *zone);

/* Adds what the finished checks (either may be NULL) found: BLOCK for the first zone that blocks,
 * SCORE for each blocklist (those beyond the fifth together), one SCORE for the allowlists. At most
 * DNSBL_FINDINGS_MAX. They point into the checks. */
#define DNSBL_FINDINGS_MAX 8
void dnsbl_findings(const struct dnsbl_conf *conf, const struct dnsbl_check *client,
    const struct dnsbl_check *names, struct findings *findings);

/* A sentence for each zone in the table of which an operator should know that it is dead. */
void dnsbl_warnings(
    const struct dnsbl_table *table, void (*say)(void *arg, const char *what), void *arg);

#endif
