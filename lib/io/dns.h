/*
 * dns.h - the DNS door: the section `dns` of milter.conf, and the port behind it.
 *
 * One context of libunbound for the port, which asks everything at once in a thread of its own, and
 * a cache in front of it. Both begin with the first question: who asks nothing pays nothing.
 */
#ifndef IO_DNS_H
#define IO_DNS_H

#include "conf/conf.h"
#include "policy/dns.h"

enum dnssec {
	DNSSEC_AUTO, /* when recursive and the root key is there */
	DNSSEC_YES,
	DNSSEC_NO,
};

struct dns_conf {
	const char *resolver; /* see dns_resolver.h */
	int dnssec;           /* enum dnssec */
	int64_t timeout_ms;   /* that a session waits: see lookup.h */
	int64_t cache;        /* answers kept by us */
};

extern const struct conf_section dns_section;

/* Who is told, once for each change and in order, that the resolver is lost (many questions in a
 * row without an answer) or found again. Must not call back. */
struct dns_notify {
	void *arg;
	void (*changed)(void *arg, bool up, const char *why);
};

/* The port; conf and notify (which may be NULL) are copied. Starts no thread yet. NULL with the
 * reason (ERR_INVALID, ERR_NOMEM). */
struct dns *dns_unbound_new(
    const struct dns_conf *conf, const struct dns_notify *notify, struct err *err);

/* All batches must have ended. NULL is allowed. */
void dns_unbound_free(struct dns *dns);

/* Since the beginning. */
struct dns_counts {
	uint64_t asked;   /* distinct questions of batches, refused ones each time */
	uint64_t kept;    /* … answered from what we keep */
	uint64_t joined;  /* … somebody else was waiting for the same */
	uint64_t refused; /* … not asked: too many in flight, or no memory */
	uint64_t failed;  /* answers that were temporary errors */
};

void dns_unbound_counts(struct dns *dns, struct dns_counts *counts_r);

/* For an operator: asks for the SOA record of the root, which every resolver of the public DNS
 * knows. 0 with a sentence about who answered, in how many milliseconds, and who checks DNSSEC; -1
 * with what is wrong and what to do. Waits for conf's time-out at most. */
int dns_check(const struct dns_conf *conf, struct buf *said, struct err *err);

#endif
