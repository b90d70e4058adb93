/*
 * authres.h - Authentication-Results (RFC 8601): writing ours, and knowing others' forgeries of it.
 *
 *	authres_begin(&w, storage, sizeof(storage), id);
 *	authres_method(&w, "spf", "pass");
 *	authres_property(&w, "smtp", "mailfrom", sender);
 *	value = authres_end(&w);
 *
 * Values come from the network. Whatever is in them, what is written is one well-formed field: no
 * byte of a value can end a line, a quoted string, a comment, or a result.
 */
#ifndef AUTH_AUTHRES_H
#define AUTH_AUTHRES_H

#include "base/buf.h"

/* What is written of one value, comment or reason: an address and a little more (RFC 5321). Quoted
 * byte by byte, it still stays below the 998 of a line. */
#define AUTHRES_VALUE_MAX_BYTES 330

/* Enough for a field with a dozen of signatures; one that does not fit is not written at all. */
#define AUTHRES_MAX_BYTES 8192

struct authres {
	struct buf out;
	size_t column; /* of the next byte, on its line */
	bool any;      /* there is a result */
};

/* id: our authserv-id, from the configuration. */
void authres_begin(struct authres *w, char *storage, size_t cap, struct slice id);

/* Begins a result: "spf", "pass". Both are static words; what follows belongs to it. */
void authres_method(struct authres *w, const char *method, const char *result);

/* "(text)"; where RFC 8601 allows one: directly behind the result, or behind a property. */
void authres_comment(struct authres *w, struct slice text);

/* "reason="text""; before the first property. */
void authres_reason(struct authres *w, struct slice text);

/* "smtp.mailfrom=value", quoted where it must be; nothing for an empty value. */
void authres_property(
    struct authres *w, const char *ptype, const char *property, struct slice value);

/* The value of the field, NUL-terminated in the storage, with LF before the blank of each fold; "none"
 * when there was no result. NULL when it did not fit. */
const char *authres_end(struct authres *w);

/* How many bytes of signature i, of n in base64 without blanks, to name it by: eight, or as many more
 * as tell it from the others (RFC 6008). */
size_t authres_signature_bytes(const struct slice *signatures, size_t n, size_t i);

enum authres_owner {
	AUTHRES_OTHERS, /* it has an id, which is none of ours */
	AUTHRES_OURS,   /* some reader could take it for ours */
	AUTHRES_NOBODYS /* it has no id, or none that can be read: some take that for ours too */
};

/* Whose a field with this value is. Readers differ in what they make of comments, quotes, folds and
 * odd bytes around the id, so all of these are tried, and it is ours when it is in one of them. ids: n
 * of ours. */
enum authres_owner authres_owner(struct slice value, const struct slice *ids, size_t n);

#endif
