/*
 * fold.h - header fields in lines that no hop breaks (RFC 5322 sections 2.1.1, 2.2.3). Postfix puts a
 * CRLF and a blank into a line of more than 998 bytes, wherever that is, and a signature is void.
 *
 * Values are as a milter has them: with the white space behind the colon, line ends as LF.
 */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include "base/buf.h"

/* Does each line of the field have at most line_max bytes? */
bool fold_fits(struct slice name, struct slice value, size_t line_max);

/* Appends the value with an LF before white space of its own, as late as may be, so that each line
 * has at most line_max bytes; what is folded already stays. Unfolded, it is what it was. False when it
 * cannot be done: a stretch without white space is too long; nothing was appended then. */
bool fold_value(struct slice name, struct slice value, size_t line_max, struct buf *out);

#endif
