/*
 * lookup.h - how a check gets its DNS answers while the conversation goes on.
 *
 * A check that needs DNS is written as a function that may be called again and again:
 *
 *	bool
 *	rdns_advance(struct rdns *r, struct lookup *lookup)
 *	{
 *		const struct dns_answer *ptr = lookup_ask(lookup, r->name, DNS_PTR);
 *
 *		if (ptr->status == DNS_PENDING)
 *			return false;            not yet: call again when more is known
 *		…
 *		return true;                     finished
 *	}
 *
 * Asking the same question again costs nothing: it is the same question. So such a function keeps
 * no state but its result, and questions that do not depend on each other are all asked at once.
 * lookup_ask() never waits. The pipeline calls every check's function at CONNECT, HELO, MAIL …; at
 * RCPT it waits until something more is known, and calls again, until all are finished. When the
 * deadline is there, what is still open becomes a temporary error, so that all finish then. At the
 * end of the message it does so once more, with a deadline of its own. For recipients that no check
 * judges nobody waits: then a function may be left unfinished until the next that is judged, or
 * for good.
 */
#ifndef POLICY_LOOKUP_H
#define POLICY_LOOKUP_H

#include "policy/dns.h"

struct lookup {
	struct dns *dns;
	struct dns_batch *batch; /* NULL: no memory; every answer is a temporary error */
	int64_t until_ms;        /* the deadline, on the clock of clock_port.mono_ms */
	bool over;               /* the deadline has passed: nothing is pending any more */
};

/* Begins without a question. */
void lookup_init(struct lookup *lookup, struct dns *dns, int64_t until_ms);

/* Another deadline; what is pending is worth waiting for again. */
void lookup_extend(struct lookup *lookup, int64_t until_ms);
void lookup_fini(struct lookup *lookup);

/* The answer as far as it is known: DNS_PENDING only while it is worth to wait for it. Never NULL;
 * valid until lookup_fini(). A name that cannot be asked for is DNS_NXDOMAIN; what the deadline cut
 * off is DNS_TEMPERROR, and so is, unasked, what there was no room for (DNS_ASK_FULL). */
const struct dns_answer *lookup_ask(struct lookup *lookup, struct slice name, enum dns_type type);

/* Waits until something more is answered; at the deadline sets `over`. */
void lookup_wait(struct lookup *lookup);

#endif
