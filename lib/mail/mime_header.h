/*
 * mime_header.h - the header fields that say what a part is (RFC 2045, 2183, 2231).
 */
#ifndef MAIL_MIME_HEADER_H
#define MAIL_MIME_HEADER_H

#include "base/arena.h"
#include "mail/message.h"
#include "mail/transfer.h"

/* Pieces of one parameter (RFC 2231 section 3); what comes behind them is left out. */
#define MIME_PARAM_PIECES_MAX 20

enum mime_disposition {
	MIME_DISPOSITION_NONE, /* no field */
	MIME_INLINE,
	MIME_ATTACHMENT, /* also every word that we do not know (RFC 2183 section 2.8) */
};

/* Fields that matter here, as they are found; the values point into the message. */
struct mime_fields {
	struct slice type;
	struct slice encoding;
	struct slice disposition;
	bool has_type, has_encoding, has_disposition, has_md5;
	bool twice; /* one of them is there again: programs differ in which one they heed */
};

/* A field from its lines (ended by LF or CRLF, or not); false: they are none. */
bool mime_field_parse(struct slice lines, struct message_field *field_r);

/* Notes the field; true when it is the first Content-Transfer-Encoding. */
bool mime_fields_add(struct mime_fields *fields, const struct message_field *field);

/* "type/subtype" at the beginning of a Content-Type value, comments aside. False, and nothing set,
 * when there is no such thing. */
bool mime_type_parse(struct slice value, struct slice *type_r, struct slice *subtype_r);

enum mime_disposition mime_disposition_parse(struct slice value);

/* Is the parameter there twice, in other words, or both whole and in pieces? Programs differ in which
 * one they heed. */
bool mime_param_twice(struct slice value, const char *name);

/* The parameter of that name behind the first ";": without quotes, joined from its pieces, %XX
 * decoded (its charset is not looked at). A slice of the value, or in the arena; p NULL: there is
 * none, or no memory. */
struct slice mime_param(struct arena *a, struct slice value, const char *name);

#endif
