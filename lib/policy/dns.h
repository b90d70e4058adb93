/*
 * dns.h - the DNS door, as the pure code sees it: a batch of questions under one deadline.
 *
 *	batch = dns->begin(dns);                    at CONNECT: nobody waits yet
 *	a = dns->ask(dns, batch, "2.0.0.127.zen.example", DNS_A);
 *	b = dns->ask(dns, batch, "mx.example.net", DNS_A);
 *	dns->wait(dns, batch, deadline);            at RCPT: until one more is there, or the deadline
 *	dns->answer(dns, batch, a)->status …
 *	dns->end(dns, batch);                       unanswered questions are forgotten
 *
 * A temporary error (SERVFAIL, bogus, no memory) and a question still open at the deadline have a
 * status of their own, so that nobody takes them for a "no such name". Some temporary errors are of
 * our own making, since nobody was asked: `unasked` tells, so that no server is blamed for them. A
 * batch belongs to one thread at a time; the port serves many at once. Names and what is in rdata:
 * see dns_name.h and dns_rdata.h.
 */
#ifndef POLICY_DNS_H
#define POLICY_DNS_H

#include "policy/dns_name.h"

#include <stdint.h>

/* RFC 1035 section 3.2.2, RFC 3596. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
};

enum dns_status {
	DNS_PENDING,   /* not answered yet, or not within the deadline */
	DNS_FOUND,     /* there are records of this type */
	DNS_NODATA,    /* the name exists, without such records */
	DNS_NXDOMAIN,  /* there is no such name */
	DNS_TEMPERROR, /* could not be found out now */
};

/* Questions of one batch: SPF may cost 10 lookups with 10 more for each, beside the DNSBLs. */
#define DNS_BATCH_MAX 128

/* Records kept of one answer; nobody's mail depends on the 65th. */
#define DNS_RECORDS_MAX 64

struct dns_answer {
	enum dns_status status;
	bool secure;               /* DNSSEC vouches for it */
	bool unasked;              /* TEMPERROR: the question was never sent to anybody */
	int64_t ttl_s;             /* as it was when the answer came */
	const struct slice *rdata; /* n records in wire format, names uncompressed */
	size_t n;
};

/* True when somebody was asked, and gave no answer. */
static inline bool
dns_answer_is_silence(const struct dns_answer *answer)
{
	return answer->status == DNS_TEMPERROR && !answer->unasked;
}

struct dns_batch;

/* What ask() returns instead of an index. */
#define DNS_ASK_NO_NAME (-1) /* it cannot be asked for: see dns_name_normalise() */
#define DNS_ASK_FULL    (-2) /* no room in the batch, or, for now, on the way */

struct dns {
	/* A batch without questions; NULL when there is no memory. */
	struct dns_batch *(*begin)(struct dns *dns);

	/* Asks; name is copied, and the case of its letters does not matter. Never waits. The
	 * question's index, the same for the same question, or DNS_ASK_*. */
	int (*ask)(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type);

	/* Returns true when something was answered since the last wait(); false when nothing is
	 * pending, or until_ms, on the clock of clock_port.mono_ms, came before. */
	bool (*wait)(struct dns *dns, struct dns_batch *batch, int64_t until_ms);

	/* The answer as far as it is known; it stays as it is, and valid, until end(). A question
	 * that was pending may have another answer when asked for again. */
	const struct dns_answer *(*answer)(struct dns *dns, struct dns_batch *batch, int index);

	/* Forgets the batch; NULL is allowed. Never waits. */
	void (*end)(struct dns *dns, struct dns_batch *batch);
};

#endif
