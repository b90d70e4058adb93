/*
 * sevenbit.h - before a message is signed: what delivery would rewrite is put into a form that it
 * leaves alone. A hop without 8BITMIME encodes each part that says 8bit or binary, long lines are
 * folded, a CR or LF alone is dropped or completed; each of these breaks a signature.
 *
 * Parts are encoded anew, with the same content, byte for byte: that is checked before an edit is
 * let out. So a Content-MD5 stays right: it is of the content (RFC 1864 section 2). What may not be touched, or is in doubt, stays as it is, and is counted with a reason.
 */
#ifndef MAIL_SEVENBIT_H
#define MAIL_SEVENBIT_H

#include "mail/body_edit.h"
#include "mail/mime.h"

/* Without the line end. RFC 5321 allows 998, which Postfix keeps to; Sendmail's SMTP mailers break
 * what is longer than 990 (L= in sendmail.cf). */
#define SEVENBIT_LINE_MAX 990

/* Why something stays as it is, in spite of all. */
enum sevenbit_reason {
	SEVENBIT_NO_REASON,
	SEVENBIT_SIGNED,    /* within multipart/signed: a signature covers it */
	SEVENBIT_ENCRYPTED, /* within multipart/encrypted */
	SEVENBIT_MESSAGE,   /* within a message within the message, or a report's fields */
	SEVENBIT_ENCODING,  /* its transfer encoding is unknown, or one that it may not have */
	SEVENBIT_DAMAGED,   /* what it says in its transfer encoding is not clear */
	SEVENBIT_HEADER,    /* the header of a part: 8-bit bytes, long lines, or programs differ */
	SEVENBIT_BETWEEN,   /* before, between or behind the parts of a multipart */
	SEVENBIT_LIMIT,     /* too many parts, too deep; or no room for the edits */
	SEVENBIT_REASONS,
};

struct sevenbit {
	size_t recoded;               /* parts with a new transfer encoding */
	size_t relabelled;            /* parts, of ASCII as it turned out, that say 7bit now */
	size_t left;                  /* places that delivery may rewrite */
	size_t why[SEVENBIT_REASONS]; /* how many of them for which reason */
};

/* Adds what is to be done to `edits` and `body_edits`. A part that body_edits touches already is
 * taken as well done: who did that wrote ASCII in short lines, and says so in its header. Where
 * the message has no MIME-Version, it gets one with the first part that is encoded.
 * `mime` is the message's. 0, or -1: no memory, and nothing was added. */
int sevenbit_make(const struct message *message, const struct mime *mime, struct edits *edits,
    struct body_edits *body_edits, struct sevenbit *result_r);

/* One word for the log. */
const char *sevenbit_reason_name(enum sevenbit_reason reason);

#endif
