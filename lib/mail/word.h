/*
 * word.h - encoded words (RFC 2047): how a header field holds more than ASCII.
 */
#ifndef MAIL_WORD_H
#define MAIL_WORD_H

#include "base/buf.h"

/* RFC 2047 section 2; a word that is longer is no encoded word for us. */
#define WORD_MAX_BYTES 75

/* Some write longer ones, and mail programs show them. */
#define WORD_READ_MAX_BYTES 1000

/* Bytes of the encoded word at the start of s, or 0. */
size_t word_bytes(struct slice s);

/* Appends what a person sees of a field's value, as far as out has room: encoded words decoded,
 * folds as one blank. Bytes of ISO-8859-1 become UTF-8; of other charsets they are appended as they
 * are, which is right for all that begin with ASCII. */
void word_decode(struct buf *out, struct slice value);

/* Appends UTF-8 text as encoded words in base64, with LF and a blank between them; characters are
 * not parted. `column` is where on its line the first one begins. */
void word_encode(struct buf *out, struct slice text, size_t column);

#endif
