/*
 * preview.h - what the files of `preview` share: one message, sent by nobody, and what became of it.
 */
#ifndef CTL_PREVIEW_H
#define CTL_PREVIEW_H

#include "account.h"
#include "io/keys.h"
#include "outbound.h"
#include "pipeline.h"

/* The file, what it is with the line ends of SMTP, what leaves, and the parts of both, decoded. */
#define PREVIEW_BYTES ((size_t)512 * 1024 * 1024)

/* The accounts: this one, which is everybody's. */
struct preview_accounts {
	struct accounts port; /* first: a pointer to it is a pointer to the whole */
	struct account_book book;
	struct account_map map;
	const struct account *v[1];
};

struct preview {
	struct ctl *ctl;
	struct arena arena;
	struct account_view view;
	struct account_seen seen;
	struct preview_accounts accounts;
	struct outbound_conf outbound; /* with this account as the default */

	struct keys *keys;
	struct keyring keyring;
	struct ports ports;
	struct pipeline pipeline;
	struct findings findings;
	struct txn txn;
	struct edits edits;
	struct verdict verdict;

	struct slice text;     /* as it is in the file, but for its line ends: LF */
	struct message before; /* the same with CRLF in its body */
	struct slice after;    /* what leaves; p NULL: nothing does */
};

/* A part of the message, before and after. */
struct preview_part {
	size_t index;
	const struct mime_part *before, *after;
	const struct track_part *track; /* NULL: nothing is said of it */
	bool recoded;                   /* it is written otherwise, and says the same */
	struct slice old, new;          /* what it says, when that changed; else empty */
};

struct preview_parts {
	struct preview_part *v; /* leaves only */
	size_t n;
	bool lost; /* there are others afterwards, which must not be */
};

/* Takes both apart, into the arena. 0, or -1 with the reason. */
int preview_parts_make(struct preview *p, struct preview_parts *parts_r, struct err *err);

/* Prints all of it, in the form of out.h. */
void preview_print(struct preview *p, const struct preview_parts *parts);

/* The same as JSON. */
void preview_json(struct preview *p, const struct preview_parts *parts);

#endif
