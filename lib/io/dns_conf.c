/*
 * dns_conf.c - see dns.h: the rows of the section, and what they must agree on.
 */
#include "io/dns.h"

#include "io/dns_context.h"
#include "io/dns_resolver.h"

#include <unistd.h>

#define RESOLVER_MAX_BYTES 64

static int
resolver_check(const char *value, struct err *err)
{
	struct dns_resolver resolver;

	return dns_resolver_parse(value, &resolver, err);
}

static const char *const dnssec_words[] = {"auto", "yes", "no", NULL};

static const struct option options[] = {
    OPTION_TEXT(struct dns_conf, resolver, "resolver", "system", 1, RESOLVER_MAX_BYTES,
	resolver_check,
	"Whom to ask: system (the servers in /etc/resolv.conf), ADDRESS, ADDRESS@PORT, or "
	"recursive "
	"(nobody: from the root servers on)."),
    OPTION_ENUM(struct dns_conf, dnssec, "dnssec", "auto", dnssec_words,
	"Check DNSSEC signatures with the root key of the package dns-root-data: yes, no, or auto "
	"(when recursive; another resolver is trusted to do it)."),
    OPTION_MILLIS(struct dns_conf, timeout_ms, "timeout", "4s", 100, 60000,
	"The longest that a session waits for DNS at one stage: at its recipients, and again at "
	"the end of each message."),
    OPTION_NUMBER(struct dns_conf, cache, "cache", "10000", 0, 1000000,
	"How many answers are kept, for as long as each allows."),
    OPTION_END,
};

static int
section_check(const void *section, struct err *err)
{
	const struct dns_conf *conf = section;

	if (conf->dnssec == DNSSEC_YES && access(DNS_ROOT_KEY, R_OK) != 0)
		return err_set(err, ERR_INVALID,
		    "dnssec = yes wants %s, which cannot be read: install dns-root-data",
		    DNS_ROOT_KEY);
	return 0;
}

const struct conf_section dns_section = {
    .name = "dns",
    .help = "Whom to ask for names and addresses.",
    .options = options,
    .size = sizeof(struct dns_conf),
    .check = section_check,
};
