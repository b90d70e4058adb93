/*
 * check_outbound.h - the parts of check_outbound().
 */
#ifndef CTL_CHECK_OUTBOUND_H
#define CTL_CHECK_OUTBOUND_H

#include "check.h"
#include "senders.h"

/* Does Postfix, if it is on this host, expand return paths for the accounts that want it, and for
 * nobody else; and do we see its own bounces? */
void check_verp(struct check *check, const struct account_book *book);

#endif
