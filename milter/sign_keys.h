/*
 * sign_keys.h - with which keys, and over which fields, a message is signed that leaves.
 */
#ifndef MILTER_SIGN_KEYS_H
#define MILTER_SIGN_KEYS_H

#include "outbound.h"

/* Is there one that can be used? With require_dns, DNS may hide it yet. */
bool sign_keys_any(const struct env *env, const struct account *account);

/* DKIM by each key that the account names, and that can be used; DomainKeys by the first of them that
 * is RSA. Notes in *out each, with the reason where there is no signature. */
void sign_keys_choose(const struct env *env, struct outbound *out);

/* The usual fields, and the one that identifies the message. 0, or -1: no memory. */
int sign_names_choose(struct outbound *out);

/* A module's gather(): asks DNS for the keys' records, and notes those that it does not show. */
bool sign_keys_gather(const struct env *env, struct txn *txn);

#endif
