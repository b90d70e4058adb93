/*
 * account_domains.h - the bounce domains of all accounts, to be found by name: does mail to this
 * domain come back to us?
 */
#ifndef POLICY_ACCOUNT_DOMAINS_H
#define POLICY_ACCOUNT_DOMAINS_H

#include "policy/account.h"

struct account_domains {
	const char *const *v; /* sorted without regard to case; some may be there several times */
	size_t n;
};

/* Fills v (room for n) with the bounce domains of these accounts, and makes the table of it. The
 * texts are the accounts'. */
void account_domains_fill(struct account_domains *domains_r, const char **v,
    const struct account *const *accounts, size_t n);

/* Is it one of them, or one of their lanes, "bulk.b.shop.example"? */
bool account_domains_have(const struct account_domains *domains, struct slice domain);

#endif
