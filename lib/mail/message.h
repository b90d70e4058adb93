/*
 * message.h - a message taken apart into header fields and body, and what edits make of it: the same
 * that an MTA does when a milter asks for them.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include "base/buf.h"
#include "base/sink.h"
#include "mail/edit.h"

/* Fields of one message; what comes after them counts as its body. */
#define MESSAGE_FIELDS_MAX 2000

struct message_field {
	struct slice name;
	struct slice value; /* behind the colon, up to the line end, which is not in it */
};

struct message {
	struct message_field *v;
	size_t n;
	size_t room;       /* of v */
	struct slice body; /* behind the empty line; or from the first line that is no field */
};

/* Takes text (line ends LF or CRLF) apart; the slices point into it, v is in the arena. 0, or -1 when
 * the arena is full. */
int message_parse(struct arena *a, struct slice text, struct message *message_r);

/* The same, field by field, as a milter gets them: begin with all 0. name and value are copied into
 * the arena. 0, or -1: too many, or the arena is full; then it is as it was. */
int message_add(struct arena *a, struct message *message, struct slice name, struct slice value);

/* Does the edits of the header, in their order. A value inserted gets a blank in front. 0, or -1 when
 * the arena is full: some of them are done then. Deleting a field that is not there does nothing;
 * changing one adds it, as an MTA does. */
int message_apply(struct arena *a, struct message *message, const struct edits *edits);

/* The header after all edits, as a message of its own with the body of the other, which stays as it is.
 * 0, or -1 when the arena is full. */
int message_edited(struct arena *a, const struct message *message, const struct edits *edits,
    struct message *edited_r);

/* Puts the message after all edits, those of the body too, as it leaves: its header in CRLF, and the
 * body with the line ends that it came with (from an MTA: CRLF). `message` is the message before
 * them, and stays as it is. 0, or -1: the arena is full, or the sink wants no more. */
int message_put_edited(struct arena *a, const struct message *message, const struct edits *edits,
    const struct sink *out);

/* The message as text, with LF behind each field. */
void message_format(const struct message *message, struct buf *out);

#endif
