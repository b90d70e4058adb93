/*
 * hit.h - a hit: somebody asked for a pixel, a link or an unsubscribe page. Was it a person, and what
 * may be kept of it?
 *
 * Whose privacy allows less, his word counts: the account's (its option `privacy`), or a
 * recipient's, who may allow less than his account, never more (consent.h). Redis applies the latter
 * when the hit is written (lib/io/hit.lua), since only there is known who the n-th recipient of a
 * message is: nobody waits for that. Who it is cannot be told any more: anonymous at most.
 *
 *	identified     an event that says which message, the how-manieth recipient, who asked
 *	pseudonymous   an event with neither: `person` is the same for the hits of one copy of a
 *	               message, and says nobody who without the keyring; of a link its page (hit_page())
 *	anonymous      no event, but counts of a day: the hash PREFIXhits:{ACCOUNT}:YYYYMMDD with the
 *	               fields "clicked human", "clicked human tag=TAG", "clicked human url=URL"
 *	off            nothing
 */
#ifndef POLICY_HIT_H
#define POLICY_HIT_H

#include "base/net.h"
#include "policy/account.h"
#include "policy/record.h"
#include "policy/token.h"

/* A click on this link is no person's: it cannot be seen (the account's option `trap`). */
#define HIT_TRAP_LINK TOKEN_LINK_MAX

/* So soon after a message was accepted nobody has read it. */
#define HIT_SOON_OPEN_S  1
#define HIT_SOON_CLICK_S 3

/* What is kept of a client's description of itself. */
#define HIT_AGENT_BYTES 200

enum hit_kind { HIT_OPENED, HIT_CLICKED, HIT_UNSUBSCRIBED };

enum hit_who {
	HIT_HUMAN,
	HIT_PROXY, /* on behalf of a person, who may not have looked yet */
	HIT_BOT,
	HIT_UNKNOWN,
};

struct hit {
	enum hit_kind kind;
	int64_t time_s;
	struct token_ids ids;
	unsigned key;        /* which signed the token */
	unsigned link;       /* CLICKED */
	struct slice target; /* CLICKED: the URL; UNSUBSCRIBED: the address */
	struct slice agent;  /* User-Agent */
	struct net_addr client;
	bool prefetch;  /* the request says that nobody looks at it yet */
	bool one_click; /* UNSUBSCRIBED: by RFC 8058 */
	/* found out meanwhile */
	unsigned burst; /* links of the burst that it was part of; 0: none */
	bool trapped;   /* the burst had the link that cannot be seen */
};

#define HIT_WHY_BYTES 100

struct hit_verdict {
	enum hit_who who;
	char why[HIT_WHY_BYTES]; /* reasons with blanks between: "burst:5 soon" */
};

/* A message's id that tells when the message was accepted, to a second of the day that tokens
 * have beside it: 17 bits of that, 47 of `random`. Never 0. */
uint64_t hit_message_id(uint64_t random, int64_t now_s);

/* When the message was accepted, by its ids; before `now_s`. -1: that cannot be told. */
int64_t hit_sent_s(const struct token_ids *ids, int64_t now_s);

void hit_judge(const struct hit *hit, struct hit_verdict *verdict_r);

/* "human", "proxy", "bot", "unknown". "opened", "clicked", "unsubscribed". */
const char *hit_who_name(enum hit_who who);
const char *hit_kind_name(enum hit_kind kind);

/* The counter of the hour (stat.h) that it belongs to: who it was decides, not what is kept of it. */
unsigned hit_stat(const struct hit *hit, const struct hit_verdict *verdict);

/* Appends the page that a URL leads to, without what may say to whom the link was sent: without name
 * and password, query and fragment, and with '*' for each part of the path in which an address
 * stands, plain or percent-encoded: of "https://shop.example/a/ann%40example.com?b#c" it is
 * "https://shop.example/a/" and that. What else may say it in a path is not known for it. Not longer than
 * the URL. */
void hit_page(struct slice url, struct buf *out);

/* One bit for each enum account_privacy in which a field is kept. */
#define HIT_IN(privacy)  (1u << (privacy))
#define HIT_IDENTIFIED   HIT_IN(PRIVACY_IDENTIFIED)
#define HIT_PSEUDONYMOUS HIT_IN(PRIVACY_PSEUDONYMOUS)
#define HIT_FIELDS_MAX   16

/* Fields of the event, and in which modes each is kept. A field may be there twice, for other modes. */
struct hit_fields {
	unsigned wanted;
	size_t n;
	unsigned modes[HIT_FIELDS_MAX];
	struct record record;
};

struct hit_terms {
	unsigned modes; /* the fields of these are wanted */
	const char *account;
	const struct keyring *keyring; /* that opened the token */
};

/* The fields of the event for these modes. */
void hit_fields_make(struct hit_fields *fields, const struct hit *hit,
    const struct hit_verdict *verdict, const struct hit_terms *terms);

/* A hit for the store. */
struct hit_note {
	const struct hit *hit;
	const struct hit_verdict *verdict;
	const char *account;
	int privacy; /* enum account_privacy: the account's; the recipient's may be stricter */
	const struct keyring *keyring; /* that opened the token */
	int64_t retention_s, keep;     /* as in event_terms */
};

#endif
