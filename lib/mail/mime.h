/*
 * mime.h - the parts of a message (RFC 2045, 2046), and where in its body each one lies.
 *
 * The body is not copied, and may be a mapped file; what is kept is some 200 bytes a part. Malformed
 * mail is read as most programs read it; where they differ, the part says so in its flaws, and who
 * edits leaves it alone. Lines end in LF or CRLF; the line end before a delimiter belongs to the
 * delimiter. A delimiter is a whole line: "--", the boundary, perhaps "--", perhaps blanks. One of an
 * outer multipart ends all that is open within.
 */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "mail/mime_header.h"

/* Multiparts and messages within each other: nobody writes so many, but to hurt a parser. */
#define MIME_DEPTH_MAX 32

/* Parts of all kinds. A digest of a busy list has some 100. */
#define MIME_PARTS_MAX 1000

/* The header of a part within the body, or of a message within the message. */
#define MIME_HEADER_MAX_BYTES 65536

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART, /* also one in which no delimiter was found: it has no parts then */
	MIME_MESSAGE,   /* holds one part: the message, whose header is that part's */
};

/* What a part lies in, at any depth. */
enum mime_under {
	MIME_UNDER_SIGNED = 1,
	MIME_UNDER_ENCRYPTED = 2,
	MIME_UNDER_REPORT = 4,
	MIME_UNDER_MESSAGE = 8,
	MIME_UNDER_ENCODED =
	    16, /* a multipart or message that says it is encoded, which none may */
	MIME_UNDER_UNCLEAR = 32, /* a multipart with two boundaries: others may find other parts */
};

enum mime_flaw {
	MIME_FLAW_TYPE = 1,      /* its Content-Type cannot be read: taken as text/plain */
	MIME_FLAW_TWICE = 2,     /* a field of which there may be one is there again */
	MIME_FLAW_SEPARATOR = 4, /* no empty line ends its header; or it begins with white space */
	MIME_FLAW_BOUNDARY = 8,  /* a multipart that has none, or in which it was not found */
	MIME_FLAW_UNCLOSED = 16, /* a multipart that ends without its last delimiter */
	MIME_FLAW_PARAM = 32,    /* two boundaries, of a multipart, or two charsets, of others */
};

enum mime_over {
	MIME_OVER_NONE,
	MIME_OVER_DEPTH,
	MIME_OVER_PARTS,
	MIME_OVER_HEADER,
};

struct mime_span {
	size_t offset; /* in the message's body */
	size_t n;
};

struct mime_part {
	enum mime_kind kind;
	unsigned depth;        /* 0: the message itself */
	unsigned under, flaws; /* OR of enum mime_under, enum mime_flaw */
	size_t parent;         /* its index; its own: none */
	struct mime_span
	    header;            /* the fields, without the empty line; n 0 for the message itself */
	struct mime_span body; /* of a multipart: from preamble to epilogue */
	struct mime_span encoding_field; /* with its line end; n 0: there is none in the body */
	bool has_encoding;               /* there is such a field */
	bool has_md5;                    /* a sum of its decoded content (RFC 1864) */
	enum transfer_encoding encoding;
	enum mime_disposition disposition;
	struct slice type, subtype;     /* in any case */
	struct slice charset, boundary; /* p NULL: none */
	struct slice name;              /* filename of the disposition, else name of the type */
};

struct mime {
	struct mime_part *v; /* in the order of their headers: a parent before its children */
	size_t n;
	size_t room;
	enum mime_over over; /* a bound was reached: what follows was not looked at */
};

/* 0, or -1 when the arena is full. All slices point into the message or the arena. */
int mime_scan(struct arena *a, const struct message *message, struct mime *mime_r);

/* Case aside; a subtype of NULL is any. */
bool mime_is(const struct mime_part *part, const char *type, const char *subtype);

#endif
