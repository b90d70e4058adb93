/*
 * account_domains.h - the bounce domains of all accounts, and their addresses for complaints, to be
 * found by name: does mail to this domain, or address, come back to us?
 */
#ifndef POLICY_ACCOUNT_DOMAINS_H
#define POLICY_ACCOUNT_DOMAINS_H

#include "policy/account.h"

struct account_names {
	const char *const *v; /* sorted without regard to case; some may be there several times */
	size_t n;
};

/* Fills v (room for n) with the bounce domains of these accounts, or with their addresses for
 * complaints, and makes the table of it. The texts are the accounts'. */
void account_domains_fill(struct account_names *domains_r, const char **v,
    const struct account *const *accounts, size_t n);
void account_feedbacks_fill(struct account_names *feedbacks_r, const char **v,
    const struct account *const *accounts, size_t n);

/* Is it one of them, or one of their lanes, "bulk.b.shop.example"? */
bool account_domains_have(const struct account_names *domains, struct slice domain);

bool account_feedbacks_have(const struct account_names *feedbacks, struct slice address);

#endif
