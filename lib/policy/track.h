/*
 * track.h - a pixel, and links that lead by way of us, in the HTML parts of a message that leaves.
 *
 * Both are edits of the header and the body. Every byte outside of the parts that are changed stays;
 * within them the decoded text differs in the values of href and in the pixel (and, where the account
 * wants one, in a link that nobody sees), and in nothing else: that is checked on the result before an edit is let out. A part keeps its transfer encoding and, in
 * quoted-printable, its lines around the changes; where 7 bits or the length of a line do not allow
 * that, it becomes quoted-printable. What may not be touched, or is in doubt, stays as it is, and is
 * counted with a reason.
 */
#ifndef POLICY_TRACK_H
#define POLICY_TRACK_H

#include "mail/body_edit.h"
#include "mail/mime.h"
#include "policy/out_headers.h"
#include "policy/token.h"

/* Links of one message that are changed; further ones stay. */
#define TRACK_LINKS_MAX 500

/* Of the transfer-encoded content of one HTML part; a larger one is left alone. */
#define TRACK_PART_BYTES ((size_t)2 * 1024 * 1024)

/* Gmail shows 102 KB of a message; the pixel of a longer one stands at its top. */
#define TRACK_CLIP_BYTES ((size_t)100 * 1000)

/* What track_scratch_bytes() says at most. */
#define TRACK_SCRATCH_BYTES ((size_t)32 * 1024 * 1024)

/* Why a message, or an HTML part of one, stays as it is. */
enum track_reason {
	TRACK_DONE, /* it does not */
	/* the message */
	TRACK_OFF,         /* neither opens nor clicks are wanted */
	TRACK_NO_DOMAIN,   /* the account has no track_domain */
	TRACK_NO_KEY,      /* there is no keyring */
	TRACK_PRESIGNED,   /* it came with a signature, which would break */
	TRACK_TOO_COMPLEX, /* too many parts, too deep */
	/* a part */
	TRACK_SIGNED,     /* within multipart/signed */
	TRACK_ENCRYPTED,  /* within multipart/encrypted; or a block of PGP in its text */
	TRACK_REPORT,     /* within multipart/report */
	TRACK_MESSAGE,    /* within a message within the message */
	TRACK_ATTACHMENT, /* it is one, or it has a name */
	TRACK_MD5,        /* it, or what it lies in, has a sum of its content */
	TRACK_HEADER,     /* its header, or of what it lies in: programs read it in two ways */
	TRACK_ENCODING,   /* its transfer encoding is unknown, or one that it may not have */
	TRACK_DAMAGED,    /* what it says in its transfer encoding is not clear */
	TRACK_CHARSET,    /* its charset is unknown, or its text is not in it */
	TRACK_VERSION,    /* it needed another transfer encoding, and there is no MIME-Version */
	TRACK_EMPTY,      /* it has no text */
	TRACK_NOTHING,    /* there is nothing to change in it */
	TRACK_TOO_LARGE,
	TRACK_NO_ROOM, /* for the edits */
	TRACK_UNSURE,  /* the result was not what it should be */
	TRACK_REASONS,
};

/* Why a link stays as it is. Those that are neither http nor https are only "other". */
enum track_kept {
	TRACK_KEPT_NOT, /* it does not */
	TRACK_KEPT_OTHER,
	TRACK_KEPT_HIDDEN,      /* in svg, math, template, noscript */
	TRACK_KEPT_OPTOUT,      /* its tag says so */
	TRACK_KEPT_OWN,         /* it is one of ours */
	TRACK_KEPT_UNSUBSCRIBE, /* the List-Unsubscribe field has it too */
	TRACK_KEPT_USER,        /* with a user name or password */
	TRACK_KEPT_ODD,         /* programs read it in two ways, or it is none */
	TRACK_KEPT_CHARSET,     /* beyond ASCII, in a charset in which that is not clear */
	TRACK_KEPT_LONG,        /* longer than a token may be */
	TRACK_KEPT_LIMIT,
	TRACK_KEPTS,
};

struct track_facts {
	const struct account *account;
	const struct keyring *keyring;
	struct out_track what;
	struct token_ids ids;
	bool presigned; /* it came with signatures that stay; see presigned.h */
};

/* What became of one part of type text/html. */
struct track_part {
	size_t part; /* index in mime */
	enum track_reason reason;
	size_t pixels, links, traps;
	size_t kept[TRACK_KEPTS];
	enum transfer_encoding from, to;
};

/* Parts that are reported one by one. */
#define TRACK_PARTS_MAX 32

struct track {
	enum track_reason reason; /* of the message */
	size_t parts;             /* that were changed */
	size_t pixels, links, traps;
	size_t skipped[TRACK_REASONS]; /* parts */
	size_t kept[TRACK_KEPTS];      /* links that stay, of the parts that were read */
	struct track_part v[TRACK_PARTS_MAX];
	size_t n;
};

/* What track_make() takes of memory at most while it works: for a part decoded, its map, its view, the
 * result. */
size_t track_scratch_bytes(const struct mime *mime);

/* Adds what is to be done to `edits` and `body_edits`; `mime` is the message's. To run before
 * sevenbit_make(). A part for which there is no memory stays as it is. */
void track_make(const struct track_facts *facts, const struct message *message,
    const struct mime *mime, struct edits *edits, struct body_edits *body_edits,
    struct track *result_r);

/* One word for the log. */
const char *track_reason_name(enum track_reason reason);
const char *track_kept_name(enum track_kept kept);

#endif
