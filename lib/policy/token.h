/*
 * token.h - what links, pixels and unsubscribe pages carry: everything that is needed to know what
 * they belong to, signed. Nothing is looked up to verify one, so links outlive every database.
 *
 *	base64url( version key kind account message rcpt link day target  HMAC-SHA256/128 )
 *	bytes:     1       1   1    6       8       2    2    2   0..1400 16
 *
 * Case counts. The MAC is over all before it, so neither account, kind nor target can be changed.
 * For the identifiers in envelopes, where case does not survive, see envelope_id.h.
 */
#ifndef POLICY_TOKEN_H
#define POLICY_TOKEN_H

#include "base/encode.h"
#include "policy/keyring.h"

/* With it, a URL stays below the 2,000 characters that everything can bear. A link that is longer
 * keeps its own target. */
#define TOKEN_TARGET_BYTES 1400

#define TOKEN_HEAD_BYTES 23
#define TOKEN_MAC_BYTES  16
#define TOKEN_BYTES      (TOKEN_HEAD_BYTES + TOKEN_TARGET_BYTES + TOKEN_MAC_BYTES)
#define TOKEN_TEXT_BYTES ENCODE_BASE64URL_BYTES(TOKEN_BYTES)

#define TOKEN_DAY_MAX  65535
#define TOKEN_RCPT_MAX 65535
#define TOKEN_LINK_MAX 65535

/* What a message's tokens have in common. */
struct token_ids {
	uint64_t account; /* account_id() */
	uint64_t message; /* random, not 0 */
	unsigned day;     /* on which it was sent, since 1970 */
	unsigned rcpt;    /* the how-manieth recipient, from 1; 0: all of them, or not known */
};

enum token_kind {
	TOKEN_OPEN = 1,
	TOKEN_CLICK = 2,
	TOKEN_UNSUBSCRIBE = 3,
};

struct token {
	enum token_kind kind;
	unsigned key; /* which signed it */
	struct token_ids ids;
	unsigned link;       /* CLICK: the how-manieth of the message */
	struct slice target; /* CLICK: the URL; UNSUBSCRIBE: the recipient's address, or empty */
	char storage[TOKEN_BYTES]; /* where a token that was opened has its target */
};

/* What somebody expects who opens one; 0 is anything. */
struct token_terms {
	enum token_kind kind;
	uint64_t account;
	unsigned today;        /* since 1970; 0: age does not matter */
	unsigned max_age_days; /* 0: it may be as old as it likes */
};

enum token_result {
	TOKEN_GOOD,
	TOKEN_MALFORMED,   /* no token of ours, or cut */
	TOKEN_VERSION,     /* of a version that this one does not know */
	TOKEN_KEY_UNKNOWN, /* signed by a key that is not in the keyring */
	TOKEN_KEY_RETIRED,
	TOKEN_FORGED, /* the MAC is wrong */
	TOKEN_OTHER_KIND,
	TOKEN_OTHER_ACCOUNT,
	TOKEN_EXPIRED,
	TOKEN_FUTURE,
	TOKEN_NO_MEMORY,
};

/* Appends the token, signed by the current key. Of *token, key and storage are not read. A URL must
 * be http or https, of printable ASCII without blanks (others are percent-encoded before), an
 * address likewise. 0, or -1 and nothing was appended (but for out->over). */
int token_make(
    const struct keyring *keyring, const struct token *token, struct buf *out, struct err *err);

/* Reads one. token_r is meaningful after GOOD, and those from OTHER_KIND to FUTURE, when the MAC was
 * right. Only GOOD may be acted on. */
enum token_result token_open(const struct keyring *keyring, struct slice text,
    const struct token_terms *terms, struct token *token_r);

/* "good", "malformed", "version", "unknown-key", "retired-key", "forged", "other-kind",
 * "other-account", "expired", "future", "no-memory": for logs. */
const char *token_result_name(enum token_result result);

/* "open", "click", "unsubscribe". */
const char *token_kind_name(enum token_kind kind);

/* The message id as keys of Redis hold it: 13 characters of base32. */
#define TOKEN_MESSAGE_BYTES ENCODE_BASE32_BYTES(8)
void token_message_format(uint64_t message, struct buf *out);

#endif
