/*
 * txn.h - the facts of one connection and of one mail transaction in it.
 *
 * Written by the callbacks (and the scenario runner) through the functions below, read by the
 * modules. A txn belongs to one thread at a time. All slices live in its two arenas: what the
 * connection said stays until it closes, what the transaction said until the next MAIL.
 */
#ifndef POLICY_TXN_H
#define POLICY_TXN_H

#include "base/arena.h"
#include "base/net.h"
#include "mail/address.h"
#include "policy/direction.h"
#include "policy/finding.h"
#include "policy/lookup.h"
#include "policy/verdict_code.h"

/* Bounds on what one client can make us keep. Recipients beyond TXN_RCPTS_MAX (RFC 5321 section
 * 4.5.3.1.8 asks for 100, Postfix takes 1,000) are answered like any other, but only counted. */
#define TXN_CONNECTION_BYTES  ((size_t)64 * 1024)
#define TXN_TRANSACTION_BYTES ((size_t)1536 * 1024)
#define TXN_RCPTS_MAX         1000

/* What is kept of a HELO name: a domain name (RFC 1035) and a little more. */
#define TXN_HELO_BYTES 260

/* What is kept of an address; more than one may have, so that the parser sees it is too long. */
#define TXN_ADDRESS_BYTES ((size_t)2 * ADDRESS_MAX_BYTES)

/* Of the header fields that checks want to read again (see txn_header()): so many, of so many bytes
 * in all. From has bounds of its own, lest others crowd it out. A From field with 50 addresses has
 * some 2 kB. */
#define TXN_FIELDS_MAX   20
#define TXN_FIELDS_BYTES ((size_t)64 * 1024)

enum phase {
	PHASE_CONNECT = 1,
	PHASE_HELO = 2,
	PHASE_MAIL = 4,
	PHASE_RCPT = 8,
	PHASE_DATA = 16,
	PHASE_EOH = 32,
	PHASE_EOM = 64,
};

struct txn_rcpt {
	struct txn_rcpt *next;
	struct slice text; /* as the MTA gave it */
	struct address addr;
	enum answer answer;
	bool dropped;        /* accepted, and gets no copy */
	const char *instead; /* who gets his copy in his place; NULL: nobody */
	const char *reason;  /* static: one word for the log */
	const char *exempt;  /* static: why no check judged it, or NULL */
};

/* What was found about the message or, before it came, about the recipient with the hardest answer:
 * for the marks and the decision record. */
struct txn_finding {
	enum finding_kind kind;
	const char *check; /* static */
	const char *reason;
	const char *would;
	int weight;
	bool shadow;
	char text[160]; /* the cause in words, cut */
};

struct txn_found {
	enum answer answer; /* that it led to */
	size_t n;
	struct txn_finding v[FINDINGS_MAX];
};

/* Header fields of one name that pretend to be ours, by their number among all of that name. Beyond
 * so many the message is refused. */
#define TXN_FORGED_MAX 50

struct txn_forged {
	unsigned fields; /* of that name so far, whosever */
	size_t n;
	bool over;
	unsigned at[TXN_FORGED_MAX];
};

/* A header field that was kept. */
struct txn_field {
	struct txn_field *next;
	struct slice name;
	struct slice value; /* as it was sent, with the white space before it */
};

struct dkim_verify;
struct dmarc_opinion;
struct dnsbl_check;
struct rdns;
struct spf;

/* What was found out, by the gather() of the module of that name; NULL: nothing. What says of
 * itself that it is not finished is still being asked for. */
struct txn_facts {
	struct rdns *rdns;                /* of the connection */
	struct dnsbl_check *dnsbl_client; /* of the connection */
	struct dnsbl_check *dnsbl_names;
	struct spf *spf;
	struct dkim_verify *dkim;
	struct dmarc_opinion *dmarc;
};

/* What is known of a message that leaves: milter/outbound.h. */
struct outbound;

/* One that comes back: milter/returns.h. */
struct returns;

/* Parameters of MAIL FROM that are kept; nobody has as many. */
#define TXN_ARGS_MAX 16

/* What MAIL FROM said. */
struct txn_envelope {
	struct slice sender;
	struct slice login;       /* {auth_authen}; empty: none */
	bool queued;              /* it comes from sendmail(1), and lies in the queue of the MTA */
	const struct slice *args; /* ESMTP parameters: "SIZE=1000", "XVERP" */
	size_t nargs;
};

/* The names of all checks fit. */
#define TXN_ERRORS_BYTES 96

struct txn {
	struct arena connection;
	struct arena transaction;
	enum phase phase;      /* where we are */
	unsigned transactions; /* begun so far */

	/* connection */
	struct net_addr client; /* NET_NONE when the MTA names none */
	struct slice client_name;
	struct slice helo; /* in helo_bytes: a client may say it as often as it likes */
	char helo_bytes[TXN_HELO_BYTES];
	struct slice daemon;  /* {daemon_name} */
	struct slice mta;     /* {j}: the MTA's own name */
	struct lookup lookup; /* the DNS questions; begun and ended by the pipeline */
	struct txn_facts facts;
	const char *allowed; /* static: why no check judges this client, or NULL */
	bool has_account;    /* its network has an account */

	/* transaction */
	bool open;          /* between MAIL and its end */
	bool from_over;     /* a From field was not kept */
	bool queued;        /* the MTA has the message already: no recipient can be refused alone */
	enum answer answer; /* what DATA and end of message were answered, the worst */
	int64_t began_s;    /* when MAIL came */
	struct slice login; /* {auth_authen} */
	struct slice args[TXN_ARGS_MAX]; /* ESMTP parameters of MAIL FROM */
	size_t nargs;
	struct outbound *outbound; /* NULL: it arrives, or there is no memory */
	struct returns *returns;   /* NULL: it is none that comes back */
	bool returns_asked;        /* whether it is */
	struct slice queue_id;     /* {i}, as soon as the MTA tells */
	struct address sender;
	struct direction_result direction;
	struct address rcpt; /* PHASE_RCPT: the one in question; in rcpt_bytes */
	char rcpt_bytes[TXN_ADDRESS_BYTES];
	struct slice rcpt_text; /* as the MTA gave it */
	struct txn_rcpt *rcpts; /* kept ones, in order; linked, most mail has one */
	struct txn_rcpt *last;
	size_t nrcpts_kept;
	size_t nrcpts; /* all that were asked about */
	size_t naccepted;
	size_t ndropped;    /* of the accepted ones */
	size_t nreplaced;   /* of them, too: those with an `instead` */
	int64_t delay_s;    /* the longest that an accepted recipient's mail had been put off */
	int64_t wait_s;     /* the longest that a put-off recipient was told to wait */
	const char *reason; /* static: the word behind it, or NULL */
	const char *would;  /* static: the hardest that shadow mode kept from happening, or NULL */
	const char *would_check;         /* static: the check that would have */
	char on_error[TXN_ERRORS_BYTES]; /* the checks that could not tell, "rdns,spf" */
	const char *exempt;       /* static: why the recipient in question is not judged, or NULL */
	bool claimed;             /* it is ours: see module.h */
	size_t nexempt;           /* accepted recipients that are not judged */
	size_t nclaimed;          /* of these, ours */
	size_t nclaimed_asked;    /* ours, whatever they were answered */
	struct txn_field *fields; /* in the order of the message */
	struct txn_field *last_field;
	struct txn_field_room {
		size_t n;
		size_t bytes;
	} from_room, fields_room;            /* taken by From, and by the others */
	struct txn_forged forged_authres;    /* Authentication-Results */
	struct txn_forged forged_score;      /* X-Gatepost-Score */
	struct txn_found *found;             /* NULL: nothing was judged */
	int score;                           /* of what `found` has */
	int score_worst;                     /* of the accepted recipients */
	char code[VERDICT_CODE_BYTES];       /* what a refused client is told */
	char reply[FINDING_TEXT_BYTES + 16]; /* the last answer that was no acceptance */
};

void txn_init(struct txn *txn);
void txn_fini(struct txn *txn);

void txn_connect(struct txn *txn, const struct net_addr *client, struct slice client_name);
void txn_set_daemon(struct txn *txn, struct slice daemon, struct slice mta);
void txn_helo(struct txn *txn, struct slice helo);

/* Begins a transaction (ending one that is open) and settles its direction. */
void txn_mail(
    struct txn *txn, const struct direction_conf *conf, const struct txn_envelope *envelope);

/* Notes the recipient in question; txn_answered() then says what became of it. */
void txn_rcpt(struct txn *txn, struct slice rcpt);
void txn_answered(struct txn *txn, const struct findings *findings, const struct verdict *verdict);

/* The same for an answer to the whole message, at DATA or at end of message. */
void txn_message_answered(
    struct txn *txn, const struct findings *findings, const struct verdict *verdict);

/* A check could not tell. */
void txn_error_note(struct txn *txn, const char *check);

/* The answer that was recorded could not be given: the MTA heard 451, for that reason (static). */
void txn_fail(struct txn *txn, const char *reason);

/* From this host, or without a client at all: sendmail(1), a content filter. */
bool txn_is_local(const struct txn *txn);

/* Was it all for return paths of ours? */
bool txn_is_return(const struct txn *txn);

/* A field of the header: kept when it is one of From, Subject, Sender, List-Id. */
void txn_header(struct txn *txn, struct slice name, struct slice value);

/* The first kept field of that name after `after` (NULL: from the beginning), or NULL. */
const struct txn_field *txn_field_next(
    const struct txn *txn, const struct txn_field *after, const char *name);

void txn_set_queue_id(struct txn *txn, struct slice queue_id);

/* Forgets the transaction. */
void txn_end(struct txn *txn);

#endif
