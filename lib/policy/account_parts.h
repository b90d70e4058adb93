/*
 * account_parts.h - what account*.c share among themselves.
 */
#ifndef POLICY_ACCOUNT_PARTS_H
#define POLICY_ACCOUNT_PARTS_H

#include "policy/account_field.h"
#include "policy/account_map.h"

/* One entry of a list, as far as its row says nothing about it: 0, or -1 with "ENTRY: what is
 * wrong; what is allowed". */
int account_entry_check(const struct option *row, struct slice entry, struct err *err);

#endif
