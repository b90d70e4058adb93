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

/* Is what is sent remembered for as long as what comes back of it is taken? */
void check_returns_age(struct check *check, const struct account_book *book);

/* Does somebody send events to the webhooks, and do they take them? */
void check_webhooks(struct check *check, const struct account_book *book);

/* Does gatepost-web answer for the accounts whose mail leads to it? */
void check_web(struct check *check, const struct account_book *book);

#endif
