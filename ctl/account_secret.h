/*
 * account_secret.h - secrets that do not stand on a command line, where everybody sees them who looks at
 * the processes.
 */
#ifndef CTL_ACCOUNT_SECRET_H
#define CTL_ACCOUNT_SECRET_H

#include "base/arena.h"
#include "base/err.h"

/* "OPTION=-" of an option that is a secret becomes "OPTION=VALUE" with what standard input has, in the
 * arena, blanks instead of line ends; any other word stays what it is. 0, or -1 with what is wrong. */
int account_secret_read(
    const char *word, struct arena *arena, const char **word_r, struct err *err);

#endif
