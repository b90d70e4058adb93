/*
 * dkim_parts.h - what dkim_verifier.c, dkim_header.c and dkim_verify.c share; nobody else includes it.
 *
 * A file that includes it defines _DEFAULT_SOURCE first: opendkim/dkim.h needs u_char and u_int.
 */
#ifndef AUTH_DKIM_PARTS_H
#define AUTH_DKIM_PARTS_H

#include "auth/dkim_verify.h"

#include <opendkim/dkim.h>

struct dkim_verifier {
	struct dkim_limits limits;
	DKIM_LIB *lib;
};

/* One signature on its way to a verdict. */
struct dkim_check {
	DKIM_SIGINFO *info; /* libopendkim's; NULL: not handed to it, or not known yet */
	bool handed;
	struct slice key; /* the key record; p NULL until it is there */
};

struct dkim_verify {
	const struct dkim_verifier *verifier;
	struct arena *arena;
	DKIM *dkim; /* NULL: nothing is left to verify */
	struct dkim_result results[DKIM_SIGNATURES_MAX];
	struct dkim_check checks[DKIM_SIGNATURES_MAX];
	size_t n;
	size_t skipped;
	size_t header_bytes;
	size_t fields;
	char *line; /* the field being handed over */
	size_t line_cap;
	enum dkim_verdict settled; /* after libopendkim's part was ended early: why */
	const char *settled_reason;
	bool header_over;
	bool finished; /* advance() said true */
	bool has_from;
	bool has_body;
	bool has_stray; /* a CR or LF of the body that is not half of a CRLF */
	char last;      /* of the body so far */
};

/* What is undecided gets this verdict, as well as what may come; libopendkim's part is over. */
void dkim_verify_settle(struct dkim_verify *v, enum dkim_verdict verdict, const char *reason);

/* After libopendkim has worked: what became of the signature. Verdict NONE: it does not know yet. */
void dkim_check_judge(const struct dkim_check *check, struct dkim_result *result);

#endif
