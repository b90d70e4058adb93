/*
 * verp.h - what becomes of MAIL FROM.
 *
 * With mail_from = verp each message leaves with a return path of its own (envelope_id.h). Mail to
 * several recipients:
 *
 *	expand   with XVERP on MAIL FROM, the MTA makes of our address one for each recipient; without
 *	         it, as `message`
 *	one      the second recipient hears 452, and the client sends the message once more
 *	message  one address for all
 *
 * With keep the sender's own stays, and ENVID alone carries the identifier. Null senders are never
 * touched, nor is mail that has a return path of ours already.
 */
#ifndef POLICY_VERP_H
#define POLICY_VERP_H

#include "mail/address.h"
#include "policy/account.h"
#include "policy/envelope_id.h"

#define VERP_DOMAIN_BYTES 255
#define VERP_SENDER_BYTES (ENVELOPE_ID_TEXT_BYTES + 1 + VERP_DOMAIN_BYTES + 3)

/* RFC 3461 section 4.4: at most 100 characters; and RET=HDRS, ENVID=, blanks. */
#define VERP_ARGS_BYTES 128

enum verp_how {
	VERP_EXPAND,  /* our address, which the MTA expands */
	VERP_SINGLE,  /* our address, one recipient */
	VERP_MESSAGE, /* our address, for several */
	VERP_KEEP,    /* the sender's own stays */
};

/* What the client said, and what came of it. */
struct verp_facts {
	const struct address *sender;
	const struct slice *args; /* the ESMTP parameters of its MAIL FROM */
	size_t nargs;
	size_t nrcpts;        /* accepted, at end of message */
	struct token_ids ids; /* without rcpt */
	struct slice lane;    /* empty: none */
};

struct verp_plan {
	enum verp_how how;
	const char *why; /* static: one word for the log */
	bool change;     /* there is something to tell the MTA */
	struct token_ids
	    ids; /* of all tokens of this message; those of the first time, when it comes
				 by again. rcpt: 1 when there is but one, else 0 */
	char sender[VERP_SENDER_BYTES]; /* "<…>"; with keep the sender's own */
	char args[VERP_ARGS_BYTES];     /* "RET=HDRS ENVID=i-…"; may be empty. For Postfix. */
	char id[ENVELOPE_ID_TEXT_BYTES + 1]; /* "i-TOKEN" */
};

/* True for an XVERP among the parameters. Its delimiters ("XVERP=+=") are in *delimiters_r, empty
 * when it does not say. */
bool verp_is_asked(const struct slice *args, size_t nargs, struct slice *delimiters_r);

/* At RCPT: must this one wait for a message of its own? naccepted: recipients so far. The answer is
 * 452 4.5.3, so that every client knows to send the rest again. */
bool verp_second_must_wait(
    const struct account *account, const struct address *sender, size_t naccepted);

/* The sentence behind 452 4.5.3. */
extern const char verp_second_words[];

/* At end of message. 0, or -1: MAIL FROM then stays as it is. */
int verp_plan(struct verp_plan *plan_r, const struct account *account,
    const struct keyring *keyring, const struct verp_facts *facts, struct err *err);

/* "expand", "single", "message", "keep". */
const char *verp_how_name(enum verp_how how);

#endif
