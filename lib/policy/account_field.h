/*
 * account_field.h - the options of an account as texts: the rows, the checks that rows cannot make,
 * and the way back.
 *
 * A field of Redis holds a list with commas or blanks between its entries, and nothing in quotes.
 */
#ifndef POLICY_ACCOUNT_FIELD_H
#define POLICY_ACCOUNT_FIELD_H

#include "policy/account.h"

/* The section `account` of milter.conf: the defaults of all accounts, a struct account. */
extern const struct conf_section account_section;

/* The row of that name, or NULL. */
const struct option *account_row(struct slice name);

/* Sets one option. 0, or -1 with "VALUE: what is wrong; what is allowed", and it is as it was. */
int account_field_set(struct account *account, const struct option *row, struct slice value,
    struct arena *a, struct err *err);

/* Sets a list to those of the entries that are right. The number of others; err names the first of
 * them, or says what else is wrong: then the list is as it was. */
size_t account_list_set(struct account *account, const struct option *row, struct slice value,
    struct arena *a, struct err *err);

/* For who writes fields: 0, or -1 with "NAME: VALUE: what is wrong; what is allowed". */
int account_field_check(const struct account_field *field, struct arena *a, struct err *err);

/* "there is no such option; did you mean …?" */
void account_field_unknown(struct slice name, struct err *err);

/* What the option becomes when its value cannot be used: a text for account_field_set(), or NULL: it
 * stays as the defaults have it. */
const char *account_field_fallback(const struct option *row);

/* Appends the value as a field of Redis holds it, a secret too; read again, it gives the same. */
void account_field_format(const struct option *row, const struct account *account, struct buf *out);

#endif
