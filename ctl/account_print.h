/*
 * account_print.h - what changed about an account, before and after.
 */
#ifndef CTL_ACCOUNT_PRINT_H
#define CTL_ACCOUNT_PRINT_H

#include "account.h"

/* A row for each option that differs, and for each key. Both must be about the same account. */
void account_changes_print(const struct account_view *view, const struct store_account *before,
    const struct store_account *after, const struct account_keys_edit *keys, size_t nkeys);

#endif
