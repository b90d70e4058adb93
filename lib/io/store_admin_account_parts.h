/*
 * store_admin_account_parts.h - what store_admin_account*.c share; nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_ACCOUNT_PARTS_H
#define IO_STORE_ADMIN_ACCOUNT_PARTS_H

#include "io/redis_command.h"
#include "io/store_admin_account.h"
#include "io/store_admin_parts.h"

/* "PREFIXacct:{NAME}", also with a name that is none, as long as names go in such keys. */
#define STORE_ACCOUNT_NAME_BYTES ((size_t)256)
#define STORE_ACCOUNT_KEY_BYTES  (REDIS_PREFIX_BYTES + 16 + STORE_ACCOUNT_NAME_BYTES)

/* Appends the account's key, as a word of a command. A name that is too long sets out->over. */
void store_account_key_word(struct buf *out, const struct store_admin *admin, struct slice name);

#endif
