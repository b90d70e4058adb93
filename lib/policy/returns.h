/*
 * returns.h - what came back: of one message that was read (dsn.h, arf.h), and by which of our
 * identifiers it came, what is to be recorded about whom.
 *
 *	the notification says			event		recipient
 *	failed					bounced		by suppress_rule.h
 *	delayed					deferred	untouched
 *	delivered				delivered	what soft failures did is over
 *	relayed, expanded			relayed		untouched
 *	reply, challenge, receipt		replied		untouched
 *	a complaint				complained	suppressed
 *	"opt-out"; mail to a u- address		unsubscribed	suppressed
 *	another feedback report			feedback	untouched
 *	nothing that could be read		returned	untouched
 *	it needs more memory than it may have	returned	untouched
 *
 * Whom it is about: the identifier says which message; only who is among that message's recipients is
 * believed to be meant, since everybody who ever got mail has an identifier. By XVERP's address, which
 * is none of them when the MTA expanded an alias after us; else, when the message had but one
 * recipient, that one, whoever the notification names (he may have his mail forwarded); else by the
 * addresses in the notification. What is about nobody of them, or about a message that is not kept any
 * more, is an event without a recipient, and touches nobody.
 *
 * A failure is hard only when it is proven: by the null sender, as MTAs report; to a return path of
 * this recipient's own, as the only one or by XVERP; and naming him, or nobody: not an address that he
 * forwards to. Else it is soft, whatever it says: those who share a return path could report failures
 * of each other. (XVERP's address is not signed: who has one of a message, and knows another recipient
 * of it, could do so as well. Without it no mail to several would ever be hard.)
 *
 * Pure. First returns_who() says which addresses to ask the store about, then returns_items() what
 * to record.
 */
#ifndef POLICY_RETURNS_H
#define POLICY_RETURNS_H

#include "policy/arf.h"
#include "policy/dsn.h"
#include "policy/envelope_id.h"
#include "policy/sent_message.h"
#include "policy/suppress_rule.h"

/* What it came back by. */
struct return_ref {
	enum envelope_letter letter;
	const char *by; /* static: for the event */
	struct token_ids ids;
	struct slice rcpt; /* that XVERP added; or empty */
};

/* What came. */
struct return_message {
	const struct dsn *dsn;
	const struct arf *arf;
	bool null_sender;
	bool unread;               /* it takes more memory than it may: dsn and arf are empty */
	struct slice sender, from; /* addresses: of the envelope, of the field; or empty */
};

/* Whom it may be about, and what the store says of them. */
struct return_who {
	struct address *v; /* null ones are not to be asked about */
	bool *had;         /* to be filled in: the message was sent to him */
	size_t n;
	struct sent_message sent; /* to be filled in */
};

struct return_item {
	const char *type;                /* static: the event's */
	struct suppress_return what;     /* without evidence */
	struct slice rcpt;               /* empty: it is not known who, and `what` touches nobody */
	struct slice named;              /* whom the notification names */
	const struct dsn_recipient *dsn; /* what it says of him; or NULL */
	struct slice category;
	const char *unsure; /* static: why there is no rcpt; NULL: there is */
	size_t at;          /* in the notification */
};

struct return_items {
	struct return_item *v;
	size_t n;
};

enum return_result {
	RETURN_READ,
	RETURN_WHO_IS_IT, /* an unsubscribe, and it cannot be told whose */
	RETURN_NO_MEMORY,
};

/* 0, or -1: no memory. */
int returns_who(struct arena *a, const struct return_ref *ref, const struct return_message *message,
    struct return_who *who_r);

/* After READ there is at least one, each recipient at most once. */
enum return_result returns_items(struct arena *a, const struct return_ref *ref,
    const struct return_message *message, const struct return_who *who,
    struct return_items *items_r);

/* Is it one of those that leave everybody as he is, and are told apart by their type alone? */
bool returns_is_aside(const struct return_item *item);

/* Is there something that people may want to read: a reply, or what could not be read? */
bool returns_are_for_people(const struct return_items *items);

/* Appends what a suppression says of its cause: "550 5.1.1 no such user (0i4dqrs…)". */
void returns_evidence(const struct return_item *item, struct slice msg, struct buf *out);

/* The counter of the hour (stat.h) that it belongs to, or STAT_COUNT. */
unsigned returns_stat(const struct return_item *item);

/* Adds what the event says beside type, time, account, msg and by. */
void returns_event(const struct return_item *item, struct record *record);

#endif
