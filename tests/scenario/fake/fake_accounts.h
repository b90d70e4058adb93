/*
 * fake_accounts.h - the accounts of milter.conf as the daemon has them, without Redis; a switch says
 * whether that is all there are.
 */
#ifndef FAKE_ACCOUNTS_H
#define FAKE_ACCOUNTS_H

#include "policy/accounts.h"

/* conf: of settings_parse(); must outlive it. NULL when there is no memory. */
struct accounts *fake_accounts_new(const struct conf *conf);

/* Every book that was held must have been released: asserts. */
void fake_accounts_free(struct accounts *accounts);

/* Without it, as if Redis had not been read yet. */
void fake_accounts_set_complete(struct accounts *accounts, bool complete);

#endif
