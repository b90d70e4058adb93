/*
 * canon.h - a message in the form that is hashed: "relaxed" of DKIM (RFC 6376 section 3.4) and
 * "nofws" of DomainKeys (RFC 4870 section 3.4.2.2), as it streams by.
 *
 *	canon_init(c, CANON_NOFWS, &sink);
 *	canon_header(c, name, value);     every field that is signed
 *	canon_eoh(c);                     DomainKeys: what follows is the body of the same hash
 *	canon_body(c, chunk);             in chunks of any size
 *	canon_finish(c);
 *
 * Lines of a body end in CRLF. A CR or LF that stands alone is a byte like others to relaxed, and
 * white space to nofws. Empty lines at the end of a body are never put, and a last line without an
 * end gets one. What is in order already goes to the sink from where it lies, in long runs.
 */
#ifndef AUTH_CANON_H
#define AUTH_CANON_H

#include "base/sink.h"

enum canon_kind {
	CANON_RELAXED,
	CANON_NOFWS,
};

/* What is put at a time when bytes have to be changed: some lines, so that the sink's cost per call
 * does not count. */
#define CANON_OUT_BYTES 4096

struct canon {
	enum canon_kind kind;
	struct sink sink;
	size_t empty_lines; /* not yet known to be followed by something */
	bool in_line;       /* something of this line was put */
	bool space;         /* relaxed: blanks, if the line goes on */
	bool cr;            /* the last byte; it may be half of a CRLF */
	size_t n;
	char out[CANON_OUT_BYTES];
};

void canon_init(struct canon *c, enum canon_kind kind, const struct sink *sink);

/* A field. value: behind the colon, folds as LF or CRLF, without the line end. canon_header_open()
 * leaves the line end away, as DKIM wants it of the signature's own field. */
void canon_header(struct canon *c, struct slice name, struct slice value);
void canon_header_open(struct canon *c, struct slice name, struct slice value);

/* The empty line before the body, which counts as one of the body's: an empty body has none. */
void canon_eoh(struct canon *c);

void canon_body(struct canon *c, struct slice chunk);

/* The end: all is with the sink. */
void canon_finish(struct canon *c);

#endif
