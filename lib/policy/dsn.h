/*
 * dsn.h - what comes back: a message read as a notification about mail that we sent.
 *
 * Read are RFC 3464 reports in RFC 6522 containers (with the addresses of RFC 6533), whoever built
 * them and however wrongly; and the free texts of MTAs and providers that know no such thing, by
 * the tables of dsn_forms.h. Results are per recipient, never per message. Automatic replies,
 * requests to prove oneself human, receipts and complaints are told apart from failures.
 *
 * A message can say what it wants, and so can a forger: whether to believe it is the caller's
 * affair. What he may compare are the correlators: the address that the message came to, and envid,
 * message_id and id_header here.
 *
 * Pure: bytes in, slices out, which point into the message or the arena.
 */
#ifndef POLICY_DSN_H
#define POLICY_DSN_H

#include "mail/message.h"
#include "policy/bounce_class.h"

/* One notification may be about a whole mailing. What is over is left out, and `over` is set. */
#define DSN_RECIPIENTS_MAX 20000

/* What is read of all texts for people, and of all reports in a message. Reports about
 * 10,000 recipients have some 3 MB. */
#define DSN_TEXT_MAX_BYTES   ((size_t)256 * 1024)
#define DSN_STATUS_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* Comparisons that may be spent on finding out why recipients failed: what a report about a whole
 * mailing needs, and less than a second. Who comes behind that keeps the codes of his fields,
 * and is of the class unknown: nobody is given up unread. */
#define DSN_WORK_MAX ((size_t)100 * 1000 * 1000)

/* What is kept of one diagnostic text. */
#define DSN_DIAGNOSTIC_MAX_BYTES 1000

enum dsn_kind {
	DSN_NONE,       /* about no mail of ours, as far as we can read */
	DSN_FAILURE,    /* at least one recipient did not get it */
	DSN_DELAY,      /* none has failed, at least one waits */
	DSN_SUCCESS,    /* delivered, relayed or expanded only */
	DSN_AUTO_REPLY, /* RFC 3834, vacation and its like */
	DSN_CHALLENGE,  /* wants the sender to prove that he is human */
	DSN_RECEIPT,    /* RFC 8098: it was, or was not, shown */
	DSN_COMPLAINT,  /* RFC 5965: see arf.h */
};

/* RFC 3464 section 2.3.3. */
enum dsn_action {
	DSN_ACTION_NONE, /* it did not say */
	DSN_FAILED,
	DSN_DELAYED,
	DSN_DELIVERED,
	DSN_RELAYED,
	DSN_EXPANDED,
};

/* Of an automatic reply, a challenge or a receipt there is one: who sent it. Of a failure whose
 * recipient nobody can tell there is one without an address. */
struct dsn_recipient {
	struct slice address;  /* whom it is about: the original one where the report has it */
	struct slice original; /* Original-Recipient: as we sent it; or empty */
	struct slice final;    /* Final-Recipient: as its server knows him; or empty */
	enum dsn_action action;
	struct slice status;     /* "5.1.1"; empty: unknown */
	unsigned reply;          /* 550; 0: unknown */
	struct slice diagnostic; /* cut to DSN_DIAGNOSTIC_MAX_BYTES; any bytes */
	struct slice remote_mta;
	struct bounce_verdict verdict; /* of failures and delays */
};

struct dsn {
	enum dsn_kind kind;
	bool structured; /* there was an RFC 3464 report */
	bool over;       /* a bound was reached: there is more */
	struct dsn_recipient *v;
	size_t n;
	struct slice reporting_mta;
	struct slice envid; /* Original-Envelope-Id: what we gave as ENVID= */
	/* of the header that was returned, if any */
	struct slice message_id; /* without brackets */
	struct slice id_header;  /* our identifier, or what looks like it */
	struct slice returned_from, returned_to, returned_subject;
};

/* The return path of the notification itself: the sender of its envelope. */
enum dsn_path {
	DSN_PATH_UNKNOWN, /* nobody noted it: the message has to tell */
	DSN_PATH_NULL,    /* "<>": nobody that a person could be */
	DSN_PATH_NAMED,   /* an address: perhaps a person's, who answers */
};

/* What the last MTA has noted in Return-Path. Anybody can write one: for messages out of a mailbox,
 * not for those that are being received. */
enum dsn_path dsn_path_noted(const struct message *message);

/* Reads the message. 0, or -1 when the arena is full. Needs arena of some 8 MB + three times what
 * the reports have; time is linear in the message, but for sorting the recipients, and bounded
 * by DSN_WORK_MAX for judging them. */
int dsn_read(struct arena *a, const struct bounce_table *table, const struct message *message,
    enum dsn_path path, struct dsn *dsn_r);

/* "failure", "auto-reply" …; "failed", "delayed" …, "" for none. */
const char *dsn_kind_name(enum dsn_kind kind);
const char *dsn_action_name(enum dsn_action action);

#endif
