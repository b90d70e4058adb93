/*
 * account_map_parts.h - how the tables of an account map are sorted.
 */
#ifndef POLICY_ACCOUNT_MAP_PARTS_H
#define POLICY_ACCOUNT_MAP_PARTS_H

#include "policy/account_map.h"

/* For qsort, over struct account_choice: by key, then by what decides between two of one key. */
int account_choice_compare(const void *left, const void *right);

/* The same over struct account_network. */
int account_network_compare(const void *left, const void *right);

/* By network alone. */
int account_cidr_compare(const struct net_cidr *a, const struct net_cidr *b);

#endif
