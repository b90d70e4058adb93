/*
 * dsn_part.h - the parts of RFC 6522 reports, as dsn and arf read them.
 */
#ifndef POLICY_DSN_PART_H
#define POLICY_DSN_PART_H

#include "mail/mime.h"

/* What is read of a returned header. */
#define DSN_COPY_MAX_BYTES ((size_t)64 * 1024)

/* Where a header that was returned is looked for. */
struct dsn_copy {
	struct slice text; /* of the header; empty: there is none */
	bool found;        /* something was returned, be it empty */
};

/* The part's body decoded, at most `max` bytes of it read; as it is where it is not encoded. In the
 * message or the arena; empty without memory. */
struct slice dsn_part_text(
    struct arena *a, const struct message *message, const struct mime_part *part, size_t max);

/* The beginning of it, without memory of the arena: of an encoded one as much as `out` has room for,
 * which is set. */
struct slice dsn_part_beginning(
    const struct message *message, const struct mime_part *part, struct buf *out);

/* True for the header of the first message within the message, or for text/rfc822-headers and its
 * like (RFC 6522 section 4, RFC 6533 section 5, and misspelt ones): then it is in *copy, unless that
 * has one. */
bool dsn_part_copy(struct arena *a, const struct message *message, const struct mime *mime,
    const struct mime_part *part, struct dsn_copy *copy);

/* Takes the returned header apart; what some put in front of it (empty lines, rules, "From " of a
 * mailbox) is left out. 0, or -1: there is none, or the arena is full. */
int dsn_copy_parse(struct arena *a, const struct dsn_copy *copy, struct message *header_r);

/* The field at the beginning of *rest, which then begins behind it; with lines that go on with it,
 * even when they are not indented: a diagnostic text is pasted as it came. False: an empty line,
 * which is taken. */
bool dsn_part_field_next(struct slice *rest, struct slice *name_r, struct slice *value_r);

/* The next line of *rest, without its end. */
struct slice dsn_line_next(struct slice *rest);

/* The value of the first field of that name, without blanks around; of none: p NULL. */
struct slice dsn_field(const struct message *message, const char *name);

/* What an account calls the field with our identifier is its own affair: the value of the first field
 * X-… that may hold one, else of X-Gatepost-ID. */
struct slice dsn_id_header(const struct message *header);

/* An address as a report has it, without type ("rfc822;"), brackets, route and comments. Empty: it
 * is none, or hidden ("ann...@example.com"). */
struct slice dsn_address_clean(struct slice text);

/* Without the brackets of a Message-ID. */
struct slice dsn_unbracket(struct slice value);

#endif
