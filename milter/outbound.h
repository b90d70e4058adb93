/*
 * outbound.h - what is known of one message that leaves: written by the outbound modules, in the
 * order of their table, and read by the log and the sent record.
 */
#ifndef MILTER_OUTBOUND_H
#define MILTER_OUTBOUND_H

#include "auth/signer.h"
#include "io/body_spool.h"
#include "mail/body_edit.h"
#include "mail/message.h"
#include "mail/sevenbit.h"
#include "mail/survey.h"
#include "outbound_conf.h"
#include "policy/lane.h"
#include "policy/out_headers.h"
#include "policy/send.h"
#include "policy/track.h"
#include "policy/verp.h"

/* The header, and what is made of it; parts and edits of the body. With BODY_SPOOL_MEMORY_BYTES it is
 * what a message can make us keep. For a moment, while its HTML is worked on, it takes up to
 * TRACK_SCRATCH_BYTES more: out of ports->memory, which bounds that for all sessions together. */
#define OUTBOUND_BYTES ((size_t)2 * 1024 * 1024)

/* The longest header that is looked at: more than Postfix's header_size_limit, many times. A message
 * with a longer one leaves as it is. */
#define OUTBOUND_HEADER_BYTES ((size_t)512 * 1024)

/* A key that an account names, and what came of it. */
struct outbound_sign {
	const struct account_key *wanted;
	enum signer_kind kind;
	const char *selector; /* that did sign: the wanted one, or who took over */
	const char *reason;   /* why it did not; NULL: it did */
};

struct outbound {
	struct arena arena;
	struct accounts *accounts; /* to which the book goes back */
	const struct account_book *book;
	struct account_match match;
	const struct account *account; /* NULL: none */
	uint64_t id;                   /* random */

	/* the header, as it came */
	struct out_fields fields;
	struct message message;
	size_t header_bytes;
	struct address from[ACCOUNT_FROMS_MAX];
	size_t nfrom;
	unsigned from_fields;
	const struct message *presigned; /* `message`, if signatures stay with which it came */
	struct slice subject, message_id;

	/* what the store said: of the account whose limits counted it */
	const struct account *asked;
	const struct account *looked; /* and of the one whose suppressions were looked up */
	struct lane lane;
	struct send_step late_step; /* of the account that only the header told */

	/* the body */
	struct body_spool spool;
	struct survey survey;

	/* what was done */
	struct verp_plan plan;
	const char *verp_skipped; /* static: why there is no plan, or MAIL FROM stays; NULL */
	size_t stripped;          /* fields of such signatures that were taken out … */
	size_t edits_unstripped;  /* … behind so many edits of the header */
	struct out_done done;
	const char *headers_skipped;
	const struct mime *mime; /* the parts; NULL: not looked for */
	struct body_edits body_edits;
	struct track track;
	struct sevenbit sevenbit;
	const char *sevenbit_skipped;
	const char
	    *fold_left; /* static: why a line of the header stays too long; NULL: none does */
	struct outbound_sign signs[SIGNER_KEYS_MAX];
	size_t nsigns;
	struct signer_plan plan_of_signer;
	struct signer_key signer_keys[SIGNER_KEYS_MAX];
	size_t sign_of_key[SIGNER_KEYS_MAX]; /* index into signs */
	const struct key_entry
	    *shown[SIGNER_KEYS_MAX]; /* with require_dns, of the account's keys */
	struct signer *signer;       /* NULL: nothing is signed */
	size_t signed_edits;         /* how many edits of the header it has seen */

	bool unknown; /* whose it is cannot be told: Redis was not read, or has no such account */
	bool header_over; /* not all of the header was kept */
	bool from_odd;
	bool settled;     /* the lane is chosen */
	bool late_failed; /* the store could not say about late_step */
	bool wants_body;
	bool steer_failed;     /* there was no room to take out the fields that steer us */
	bool presigned_broken; /* one of them covered a field that steers us */
	bool restored;         /* they were taken out, and put back: there is none of ours */
	bool has_plan;
	bool sender_left,
	    content_left; /* the MTA did not agree to a change of MAIL FROM, of the rest */
	bool undecided;   /* several accounts may be meant: the header says which */
	bool tracks;      /* pixel or links are wanted */
	bool hashing;     /* the signer has begun … */
	bool streams;     /* … and sees the body as it comes */
};

/* The account; NULL when there is none. */
static inline const struct account *
outbound_account(const struct txn *txn)
{
	return txn->outbound == NULL ? NULL : txn->outbound->account;
}

/* The same for who reads or edits the header: NULL also when not all of it was kept, so that it leaves
 * as it is. */
static inline const struct account *
outbound_editor(const struct txn *txn)
{
	const struct account *account = outbound_account(txn);

	return account != NULL && txn->outbound->header_over ? NULL : account;
}

/* Recipients who get a copy. */
static inline size_t
outbound_rcpts(const struct txn *txn)
{
	return txn->naccepted - txn->ndropped;
}

/* The only one of them, or NULL. */
const struct address *outbound_only_rcpt(const struct txn *txn);

/* The parts of the message, with the body viewed and its edits begun; looked for once. NULL with the
 * reason: no memory, or the body was not kept. At end of message. */
const struct mime *outbound_parts(struct outbound *out, struct err *err);

/* The signatures with which the message came stay: notes that, and whether one is broken all the same. */
void outbound_signatures_keep(struct outbound *out);

/* Where signatures were taken out, and none of ours takes their place: takes back all that was done
 * after fields that steer us were taken out, so that the message leaves as it came. MAIL FROM and the
 * recipients stay as they were decided. */
void outbound_signatures_restore(struct outbound *out, struct edits *edits);

/* All of them, in their order; how many, at most `room`. */
size_t outbound_rcpts_list(const struct txn *txn, const struct address **list, size_t room);

/* An event of that type for the account: what is refused, or not sent, and why. rcpt: NULL for the
 * message as a whole. Never waits. */
void outbound_event(const struct env *env, const struct txn *txn, const char *type,
    const struct address *rcpt, const char *reason);

/* Appends "verp=single dkim=s2026:shop.example", what was done, and "…=reason", what was not. */
void outbound_did(const struct txn *txn, struct buf *did, struct buf *skipped);

#endif
