/*
 * subject.h - a prefix for the Subject of suspicious mail.
 */
#ifndef MAIL_SUBJECT_H
#define MAIL_SUBJECT_H

#include "base/arena.h"

/* A longer prefix would leave nothing of the subject on a telephone. */
#define SUBJECT_PREFIX_MAX_BYTES 100

/* Puts `prefix` (UTF-8) and a blank before a Subject field's value; value is empty when there is no
 * such field. What value holds stays as it is, folds included; a prefix beyond ASCII is written in
 * encoded words. When the subject begins with the prefix already, also behind "Re:" and the like, or
 * in an encoded word, it is given back as it was.
 *
 * The result is NUL-terminated, in the arena, and can be a field's value: LF only before a blank.
 * NULL: no memory, or the prefix is empty or too long. */
const char *subject_prefix(struct arena *a, struct slice value, struct slice prefix);

#endif
