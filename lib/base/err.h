/*
 * err.h - why something could not be done: a code and a sentence, in the caller's storage.
 *
 * Functions that can fail return 0, or -1 with the reason here. A result about mail (fail,
 * permerror, temperror) is not an error: it is a finding.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Room for one sentence that names file and line, or option and value, and what to do. */
#define ERR_TEXT_BYTES 240

enum err_code {
	ERR_NONE = 0,
	ERR_INVALID,     /* what was given is wrong, and will be wrong again */
	ERR_LIMIT,       /* a stated bound was reached */
	ERR_NOMEM,       /* the allocator said no */
	ERR_IO,          /* file or socket; the text has strerror() */
	ERR_DENIED,      /* file or socket to which somebody has no right; the text says who */
	ERR_TIMEOUT,     /* no answer within the deadline */
	ERR_UNAVAILABLE, /* known to be down, not even asked */
};

struct err {
	enum err_code code;
	char text[ERR_TEXT_BYTES]; /* always NUL-terminated, cut where it is too long */
};

/* Sets *err (which may be NULL) and returns -1, so that `return err_set(…);` reads as it acts.
 * err->text may be an argument: that is how a reason gets a word in front. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
