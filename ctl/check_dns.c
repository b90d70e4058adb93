/*
 * check_dns.c - does the resolver answer?
 */
#include "check.h"

#include "io/dns.h"
#include "io/dns_resolver.h"
#include "modules.h"
#include "settings.h"

#define WHO_BYTES 80

/* "reverse_dns, spf": who asks DNS, of what is on. */
static void
askers_add(const struct check *check, struct buf *out)
{
	static const struct module *const askers[] = {
	    &mod_rdns, &mod_dnsbl, &mod_spf, &mod_dkim, &mod_dmarc};

	for (size_t i = 0; i < sizeof(askers) / sizeof(askers[0]); i++) {
		if (!check_is_active(check, askers[i]))
			continue;
		buf_add_text(out, out->n > 0 ? ", " : "");
		buf_add_text(out, askers[i]->section->name);
	}
}

static const char *
resolver_todo(const struct dns_conf *conf)
{
	struct dns_resolver resolver;
	struct err err;

	if (dns_resolver_parse(conf->resolver, &resolver, &err) == 0 &&
	    resolver.kind == DNS_RESOLVER_RECURSIVE)
		return "let this host ask name servers everywhere: port 53 outwards, UDP and TCP; "
		       "or set dns.resolver to one that may";
	return "mend the resolver, or let dns.resolver name another";
}

void
check_dns(struct check *check)
{
	const struct dns_conf *conf = settings_of(check->conf, &dns_section);
	char said_storage[ERR_TEXT_BYTES], who_storage[WHO_BYTES];
	struct buf said = BUF_OVER(said_storage);
	struct buf who = BUF_OVER(who_storage);
	struct err err;

	if (dns_check(conf, &said, &err) == 0) {
		check_say(check, CHECK_OK, "dns", NULL, "%s", buf_text(&said));
		return;
	}
	askers_add(check, &who);
	if (who.n == 0)
		check_say(check, CHECK_WARNING, "dns", resolver_todo(conf),
		    "%s; greylisting does without", err.text);
	else
		check_say(check, CHECK_FAULT, "dns", resolver_todo(conf),
		    "%s: without DNS these find out nothing, and each mail waits for it: %s",
		    err.text, buf_text(&who));
}
