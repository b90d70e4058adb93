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

/* Bounds on what one client can make us keep. Recipients beyond TXN_RCPTS_MAX are answered like
 * any other, but only counted: enough for RFC 5321 section 4.5.3.1.8 (100) and for a log line. */
#define TXN_CONNECTION_BYTES  ((size_t)16 * 1024)
#define TXN_TRANSACTION_BYTES ((size_t)256 * 1024)
#define TXN_RCPTS_MAX         200

/* What is kept of an address; more than one may have, so that the parser sees it is too long. */
/* What is kept of a HELO name: a domain name (RFC 1035) and a little more. */
#define TXN_HELO_BYTES 260

#define TXN_ADDRESS_BYTES ((size_t)2 * ADDRESS_MAX_BYTES)

enum phase {
	PHASE_CONNECT = 1,
	PHASE_HELO = 2,
	PHASE_MAIL = 4,
	PHASE_RCPT = 8,
	PHASE_DATA = 16,
	PHASE_EOM = 32,
};

struct txn_rcpt {
	struct txn_rcpt *next;
	struct address addr;
	enum answer answer;
	const char *reason; /* static: one word for the log */
};

struct txn {
	struct arena connection;
	struct arena transaction;
	enum phase phase; /* where we are */

	/* connection */
	struct net_addr client; /* NET_NONE when the MTA names none */
	struct slice client_name;
	struct slice helo; /* in helo_bytes: a client may say it as often as it likes */
	char helo_bytes[TXN_HELO_BYTES];
	struct slice daemon; /* {daemon_name} */
	struct slice mta;    /* {j}: the MTA's own name */

	/* transaction */
	bool open;             /* between MAIL and its end */
	struct slice login;    /* {auth_authen} */
	struct slice queue_id; /* {i}, as soon as the MTA tells */
	struct address sender;
	struct direction_result direction;
	struct address rcpt; /* PHASE_RCPT: the one in question; in rcpt_bytes */
	char rcpt_bytes[TXN_ADDRESS_BYTES];
	struct txn_rcpt *rcpts; /* kept ones, in order; linked, most mail has one */
	struct txn_rcpt *last;
	size_t nrcpts_kept;
	size_t nrcpts; /* all that were asked about */
	size_t naccepted;
	int64_t delay_s;      /* the longest that an accepted recipient's mail had been put off */
	int64_t wait_s;       /* the longest that a put-off recipient was told to wait */
	enum answer answer;   /* what DATA and end of message were answered, the worst */
	const char *reason;   /* static: the word behind it, or NULL */
	const char *would;    /* static: shadow mode's "defer" or "reject", or NULL */
	const char *on_error; /* static: the check whose on_error decided, or NULL */
};

void txn_init(struct txn *txn);
void txn_fini(struct txn *txn);

void txn_connect(struct txn *txn, const struct net_addr *client, struct slice client_name);
void txn_set_daemon(struct txn *txn, struct slice daemon, struct slice mta);
void txn_helo(struct txn *txn, struct slice helo);

/* Begins a transaction (ending one that is open) and settles its direction. */
void txn_mail(
    struct txn *txn, const struct direction_conf *conf, struct slice sender, struct slice login);

/* Notes the recipient in question; txn_answered() then says what became of it. */
void txn_rcpt(struct txn *txn, struct slice rcpt);
void txn_answered(struct txn *txn, const struct findings *findings, const struct verdict *verdict);

/* The same for an answer to the whole message, at DATA or at end of message. */
void txn_message_answered(
    struct txn *txn, const struct findings *findings, const struct verdict *verdict);

void txn_set_queue_id(struct txn *txn, struct slice queue_id);

/* Forgets the transaction. */
void txn_end(struct txn *txn);

#endif
