/*
 * account_there.h - for commands that take an account's name: a slip of the pen is told, instead of an
 * empty answer.
 */
#ifndef CTL_ACCOUNT_THERE_H
#define CTL_ACCOUNT_THERE_H

#include "ctl.h"
#include "io/store_admin_events.h"

/* CTL_OK when an account of that name is in milter.conf or in Redis, or the exit code after a
 * complaint, which names a similar one. */
int account_must_be(struct ctl *ctl, const char *name);

/* The same for who reads what is kept: of an account that was removed, that may be there still. kept()
 * reads the names of those of whom there is something. */
typedef int account_kept_names(
    struct store_admin *admin, struct store_event_accounts *names_r, struct err *err);
int account_must_be_or_was(struct ctl *ctl, const char *name, account_kept_names *kept);

#endif
