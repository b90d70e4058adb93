/*
 * dnsbl_known.c - see dnsbl_known.h.
 */
#include "policy/dnsbl_known.h"

#include "base/nearest.h"
#include "policy/dns_name.h"

/* Weights are on the scale where 30 refuses. */
const struct dnsbl_known dnsbl_known[] = {
    {
	.preset = "spamhaus-zen",
	.zone = "zen.spamhaus.org",
	.keyed = "zen.dq.spamhaus.net",
	.words = "share=95",
	.rules = {"=127.0.0.[2;3]*20", "=127.0.0.[4..7]*25", "=127.0.0.9*30",
	    "=127.0.0.[10;11]*20"},
	.purpose = "spam sources (SBL, CSS), exploited hosts (XBL), hijacked networks (DROP), "
		   "networks that should not send mail (PBL)",
	.terms = "free for small, non-commercial use from a resolver of one's own, never through "
		 "a public resolver; others need a key (@spamhaus-zen:KEY.zen.dq.spamhaus.net)",
    },
    {
	.preset = "spamhaus-dbl",
	.zone = "dbl.spamhaus.org",
	.keyed = "dbl.dq.spamhaus.net",
	.domains = true,
	.rules = {"=127.0.1.[2..99]*20", "=127.0.1.[102..199]*5"},
	.errors = "127.0.1.255",
	.test_listed = "dbltest.com",
	.purpose = "domains of spammers, phishers, malware; at less weight abused honest ones",
	.terms = "as spamhaus-zen (@spamhaus-dbl:KEY.dbl.dq.spamhaus.net)",
    },
    {
	.preset = "spamcop",
	.zone = "bl.spamcop.net",
	.words = "ipv4",
	.rules = {"=127.0.0.2*15"},
	.purpose = "addresses that users reported within the last day",
	.terms = "free; donations welcome. Listed the whole world for a day in January 2021",
    },
    {
	.preset = "barracuda",
	.zone = "b.barracudacentral.org",
	.words = "ipv4",
	.rules = {"=127.0.0.2*15"},
	.purpose = "addresses that sent spam to Barracuda's customers",
	.terms = "free after registration of the resolver's address",
    },
    {
	.preset = "psbl",
	.zone = "psbl.surriel.com",
	.rules = {"=127.0.0.2*10"},
	.purpose = "addresses that wrote to spam traps; anybody may take one off",
	.terms = "free",
    },
    {
	.preset = "mailspike",
	.zone = "bl.mailspike.net",
	.words = "ipv4",
	.rules = {"=127.0.0.2*15", "=127.0.0.10*20", "=127.0.0.11*15", "=127.0.0.12*10"},
	.purpose = "addresses of bad reputation, and outbreaks of the last hours",
	.terms = "free up to 100,000 questions a day",
    },
    {
	.preset = "mailspike-wl",
	.zone = "wl.mailspike.net",
	.words = "ipv4 no-test",
	.rules = {"=127.0.0.18*-3", "=127.0.0.19*-6", "=127.0.0.20*-10"},
	.purpose = "allowlist: addresses of good reputation",
	.terms = "free up to 100,000 questions a day",
    },
    {
	.preset = "uceprotect-1",
	.zone = "dnsbl-1.uceprotect.net",
	.words = "ipv4",
	.rules = {"=127.0.0.2*10"},
	.purpose = "single addresses that wrote to spam traps within seven days",
	.terms = "free; levels 2 and 3 list whole providers and are no presets",
    },
    {
	.preset = "truncate",
	.zone = "truncate.gbudb.net",
	.words = "ipv4",
	.rules = {"=127.0.0.2*10"},
	.purpose = "addresses that send almost nothing but spam",
	.terms = "free; who asks much is asked to subscribe",
    },
    {
	.preset = "dnswl",
	.zone = "list.dnswl.org",
	.words = "share=100",
	.rules = {"=127.0.[2..20].1*-3", "=127.0.[2..20].2*-8", "=127.0.[2..20].3*-15"},
	.errors = "127.0.0.255 127.0.10.3",
	.purpose = "allowlist: mail servers known to be honest, by degree of trust",
	.terms = "free up to 100,000 questions a day; who exceeds that is first told so "
		 "(127.0.0.255), later that every address is trusted (127.0.10.3): both are taken "
		 "for errors here",
    },
    {
	.preset = "surbl",
	.zone = "multi.surbl.org",
	.domains = true,
	.rules = {"=127.0.0.[2..254]*10"},
	.test_listed = "test.surbl.org",
	.purpose = "domains seen in spam, phishing and malware; knows registered domains only",
	.terms = "free for small, non-commercial use, not through public resolvers (127.0.0.1)",
    },
    {
	.preset = "uribl",
	.zone = "multi.uribl.com",
	.domains = true,
	.rules = {"=127.0.0.[2..254]*10"},
	.test_listed = "test.uribl.com",
	.purpose = "domains seen in spam; knows registered domains only",
	.terms = "free for small use, not through public resolvers (127.0.0.1)",
    },
    /* What is no more. Who still asks gets nothing, waits for nothing, or is told that the whole
     * world is listed. */
    {.zone = "sorbs.net", .dead = "June 2024: switched off"},
    {.zone = "njabl.org", .dead = "March 2013: emptied"},
    {.zone = "ahbl.org", .dead = "January 2015: lists the whole world"},
    {.zone = "rfc-ignorant.org", .dead = "November 2012: switched off"},
    {.zone = "spamcannibal.org", .dead = "May 2018: its domain expired and listed everybody"},
    {.zone = "ix.dnsbl.manitu.net", .dead = "January 2025: NiX Spam was switched off"},
    {.zone = "ordb.org", .dead = "December 2006; listed the whole world from 2008 on"},
    {.zone = "dsbl.org", .dead = "March 2009: switched off"},
    {.zone = "opm.blitzed.org", .dead = "May 2006: its data was lost"},
    {.zone = "blackholes.us", .dead = "2009; listed the whole world for a time"},
    {.zone = "orbs.org", .dead = "2001: switched off"},
    {.zone = "osirusoft.com", .dead = "August 2003: listed the whole world"},
    {.zone = "monkeys.com", .dead = "September 2003: switched off"},
    {.zone = "cbl.abuseat.org", .dead = "2021: is a part of zen.spamhaus.org"},
    {.zone = "habeas.com", .dead = "its allowlists were given up"},
    {.zone = "bondedsender.org", .dead = "its allowlist moved, and was given up"},
    {.zone = "tor.dnsbl.sectoor.de", .dead = "switched off"},
    {.zone = NULL},
};

const struct dnsbl_known *
dnsbl_known_preset(struct slice name)
{
	for (const struct dnsbl_known *k = dnsbl_known; k->zone != NULL; k++) {
		if (k->preset != NULL && slice_eq_nocase(name, slice_of(k->preset)))
			return k;
	}
	return NULL;
}

const struct dnsbl_known *
dnsbl_known_nearest(struct slice name)
{
	const struct dnsbl_known *nearest = NULL;
	unsigned lowest = NEAREST_FAR;

	for (const struct dnsbl_known *k = dnsbl_known; k->zone != NULL; k++) {
		unsigned cost = k->preset == NULL ? NEAREST_FAR
						  : nearest_cost(name, slice_of(k->preset));

		if (cost < lowest) {
			lowest = cost;
			nearest = k;
		}
	}
	return nearest;
}

const struct dnsbl_known *
dnsbl_known_find(struct slice zone)
{
	const struct dnsbl_known *found = NULL;
	size_t longest = 0;

	for (const struct dnsbl_known *k = dnsbl_known; k->zone != NULL; k++) {
		bool keyed = dns_name_is_within(zone, slice_of(k->keyed));
		size_t n = slice_of(keyed ? k->keyed : k->zone).n;

		if ((keyed || dns_name_is_within(zone, slice_of(k->zone))) && n > longest) {
			longest = n;
			found = k;
		}
	}
	return found;
}

bool
dnsbl_known_has_key(const struct dnsbl_known *row, struct slice zone)
{
	return dns_name_is_within(zone, slice_of(row->keyed)) && zone.n > slice_of(row->keyed).n;
}
