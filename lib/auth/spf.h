/*
 * spf.h - may this client send mail for that domain? The Sender Policy Framework, RFC 7208.
 *
 *	spf = spf_new(arena, &request, NULL);
 *	while (spf_next(spf, &question))             names the lookup that it wants …
 *		spf_feed(spf, answer to question);   … and is given the answer
 *	spf_result(spf)->code …
 *
 * or spf_advance(), in the manner of lookup.h. Nothing is asked twice, and nothing beyond the
 * limits. Two engines stand behind these functions, ours and libspf2: see spf_parts.h.
 */
#ifndef AUTH_SPF_H
#define AUTH_SPF_H

#include "base/net.h"
#include "mail/address.h"
#include "policy/lookup.h"

/* RFC 7208 section 2.6. */
enum spf_code {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

enum spf_identity {
	SPF_MAILFROM,
	SPF_HELO, /* no domain in MAIL FROM: postmaster@HELO is asked about (section 2.4) */
};

/* What is told of an explanation: it stands in one SMTP reply with words of ours. */
#define SPF_EXPLANATION_BYTES 200

struct spf_limits {
	unsigned lookups;            /* terms that cost a lookup (section 4.6.4) */
	unsigned voids;              /* lookups that find nothing (section 4.6.4) */
	unsigned names;              /* hosts of one mx, or names of one ptr (section 4.6.4) */
	unsigned questions;          /* to DNS in all, those for hosts of an mx included */
	size_t record_bytes;         /* a longer record is a permerror; DNS would carry 65535 */
	struct net_addr canaries[2]; /* nobody sends from there; NET_NONE: none */
};

/* 10, 2, 10, 100, 8192. The canaries are of the networks for benchmarks, which are not routed, and
 * which examples and tests do not use as clients: 198.18.0.1 (RFC 2544), 2001:2::1 (RFC 5180). */
extern const struct spf_limits spf_limits_default;

/* The slices must live as long as the arena; the client and the sender are copied. */
struct spf_request {
	const struct net_addr *client; /* NET_NONE: the result is none */
	struct slice helo;
	const struct address *sender; /* NULL, the null sender, one without a domain: SPF_HELO */
	struct slice receiver;        /* our name, for %{r}; may be empty */
	int64_t now_s;                /* for %{t} */
};

/* The slices live in the arena; they are printable ASCII, and empty when there is no such thing. */
struct spf_result {
	enum spf_code code;
	bool open; /* a pass that the canary gets too: the record authorises anybody */
	enum spf_identity identity;
	struct slice domain;    /* whose policy was asked for; empty: that was no domain name */
	struct slice mechanism; /* the one that matched, as it is written: "include:example.net" */
	struct slice record;    /* the domain whose record has it; another one after redirect= */
	struct slice problem;   /* a sentence: why none, temperror, permerror */
	struct slice explanation; /* fail only, by exp=: in the words of the domain, not in ours */
	unsigned lookups;         /* counted ones */
	unsigned voids;
};

struct spf_question {
	struct slice name; /* lower case; a label may hold any printable ASCII, and blanks */
	enum dns_type type;
};

struct spf;

/* limits NULL: the defaults. NULL when the arena is full; spf needs some 3 kB, more by what the
 * records it meets are long: at most (lookups + 2) * record_bytes. */
struct spf *spf_new(
    struct arena *a, const struct spf_request *request, const struct spf_limits *limits);

/* True with the lookup that is wanted; the same one until it is fed. False: finished. */
bool spf_next(struct spf *spf, struct spf_question *question_r);

/* The answer to that question; it must stay valid until spf is finished. DNS_PENDING counts as
 * DNS_TEMPERROR. */
void spf_feed(struct spf *spf, const struct dns_answer *answer);

/* Goes on as far as the answers reach; true when finished. Asks what it can foresee at once, and
 * so that even then no limit is passed. */
bool spf_advance(struct spf *spf, struct lookup *lookup);

/* Temperror until it is finished. */
const struct spf_result *spf_result(const struct spf *spf);

/* "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror". */
const char *spf_code_name(enum spf_code code);

#endif
