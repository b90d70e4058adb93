/*
 * out_headers.h - the header fields that outbound mail gets and loses.
 *
 * Fields that steer us (X-Gatepost-Account, -Track, -Tag) are read, and never leave. Sender,
 * List-Unsubscribe with its Post (RFC 8058), Feedback-ID and the id header are added as the account
 * wants them, when the message has none of its own; an id header that came with it is removed.
 */
#ifndef POLICY_OUT_HEADERS_H
#define POLICY_OUT_HEADERS_H

#include "mail/edit.h"
#include "mail/message.h"
#include "policy/account.h"
#include "policy/verp.h"

/* Bounds on what one message can ask. */
#define OUT_TAGS_MAX  8
#define OUT_TAG_BYTES 64

enum out_name {
	OUT_ACCOUNT,
	OUT_TRACK,
	OUT_TAG,
	OUT_SENDER,
	OUT_LIST_UNSUBSCRIBE,
	OUT_LIST_UNSUBSCRIBE_POST,
	OUT_FEEDBACK_ID,
	OUT_NAMES,
};

/* Its name: "X-Gatepost-Account". */
const char *out_name_text(enum out_name name);

/* What the header of a message says to us. All 0: nothing yet. */
struct out_fields {
	unsigned count[OUT_NAMES];
	struct slice account; /* X-Gatepost-Account, the first */
	bool opens_off, clicks_off;
	int privacy; /* the strictest that was asked for; PRIVACY_IDENTIFIED: nothing was */
	struct slice tags[OUT_TAGS_MAX];
	size_t ntags;
	unsigned ignored; /* words in X-Gatepost-Track and -Tag that were of no use */
};

/* One field, as it came; what is kept of it is copied into the arena. */
void out_fields_note(
    struct out_fields *fields, struct arena *a, struct slice name, struct slice value);

/* What is tracked in this message: the account's options, narrowed by the header. */
struct out_track {
	bool opens, clicks;
	enum account_privacy privacy;
};

struct out_track out_track_of(const struct account *account, const struct out_fields *fields);

struct out_facts {
	const struct account *account;
	const struct keyring *keyring;
	const struct verp_plan *plan;
	const struct out_fields *fields;
	const struct address *from; /* the From field's */
	size_t nfrom;
	const struct address *sender; /* MAIL FROM as the client gave it */
	const struct address *rcpt;   /* the only recipient; NULL when there are several */
	struct slice lane;
	unsigned nids;                   /* fields by the name of the id's that came with it */
	const struct message *presigned; /* it has signatures that must not break; else NULL */
};

/* What was done about each, for the log: static words, "added", "present", "off", "own" (From is the
 * account's own domain), or why not: "no-address", "no-way", "several", "null" (nobody is told of by mail from nobody),
 * "signed" (a signature that came with it says something of that field). */
struct out_done {
	const char *sender, *list_unsubscribe, *feedback_id, *id;
};

/* Removes the fields that steer us; for all mail that leaves. 0, or -1 when there is no room: such a
 * message must not leave. */
int out_headers_strip(const struct out_fields *fields, struct edits *edits);

/* Adds the account's. 0, or -1 (no room, no memory) and the edits are as they were. */
int out_headers_add(
    const struct out_facts *facts, struct edits *edits, struct arena *a, struct out_done *done_r);

#endif
