/*
 * mailbox.h - the addresses in a From field (RFC 5322 section 3.6.2, with the obsolete forms of
 * section 4.4: routes, comments and folds between any two words, empty elements, groups).
 *
 * Policy hangs on the domain of a From, so whoever forges one writes it such that we read another
 * domain than a person's mail program shows. So nothing is guessed: of a field that is not what RFC
 * 5322 allows, `malformed` is set, and every address in it is given out, also one that stands where
 * a display name belongs, behind the brackets, or in a second pair of them. A caller that judges all
 * of them cannot be cheated. `malformed` is known at the end of the field only.
 *
 * Several From fields are the caller's affair. A field is read once, front to back.
 */
#ifndef MAIL_MAILBOX_H
#define MAIL_MAILBOX_H

#include "base/buf.h"

/* Addresses given out of one field; what is behind the last sets malformed. */
#define MAILBOXES_MAX 100

/* RFC 5321 allows an address 254 bytes; a longer one than this is malformed, without a domain. */
#define MAILBOX_MAX_BYTES 512

struct mailbox {
	struct slice addr;   /* "local@domain", without comments and blanks */
	struct slice local;  /* quotes are kept */
	struct slice domain; /* "example.com", "[192.0.2.1]"; any bytes when malformed */
	bool bracketed;      /* it stood in <> */
};

struct mailboxes {
	struct slice rest;
	size_t n;           /* given out so far */
	bool malformed;     /* so far; for good */
	bool group;         /* in a group */
	bool angle;         /* within <> */
	bool open_comment;  /* a '(' has no end: it is no comment, nor is any after it */
	bool open_quote;    /* the same for '"' */
	unsigned words;     /* of the element (what stands between commas): display name */
	unsigned addresses; /* of the element */
	size_t at;          /* in addr: where the '@' is */
	struct buf out;
	char addr[MAILBOX_MAX_BYTES];
};

/* value: the field's value, folded or not; it must live as long as the iteration. The iterator must
 * stay where it is. */
void mailbox_begin(struct mailboxes *it, struct slice value);

/* The next address; false at the end. The slices are valid until the next call. */
bool mailbox_next(struct mailboxes *it, struct mailbox *mailbox_r);

#endif
