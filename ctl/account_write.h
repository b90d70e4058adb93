/*
 * account_write.h - writing the keys of accounts, and saying that there is no such account.
 */
#ifndef CTL_ACCOUNT_WRITE_H
#define CTL_ACCOUNT_WRITE_H

#include "account.h"

/* Does the edits in Redis's map, on top of what it has by then, and sorts them. *n_r (may be NULL): how
 * many keys were changed. CTL_OK, or the exit code after a complaint. */
int account_keys_write(
    struct account_view *view, struct account_keys_edit *edits, size_t n, size_t *n_r);

/* Complains that there is no account of that name, and which there is of a similar one; returns
 * CTL_NOT_FOUND. */
int account_missing(struct account_view *view, const char *name);

#endif
