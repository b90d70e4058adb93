/*
 * store_admin_consent.h - more of store_admin.h: what recipients agreed to. See policy/consent.h.
 * The account is a name, or CONSENT_ALL_ACCOUNTS.
 */
#ifndef IO_STORE_ADMIN_CONSENT_H
#define IO_STORE_ADMIN_CONSENT_H

#include "io/store_admin.h"
#include "policy/consent.h"

/* What that recipient said to the account: 1, 0 when nothing, or -1. */
int store_admin_consent_get(struct store_admin *admin, const char *account,
    const struct address *rcpt, struct consent *consent_r, struct err *err);

/* 0, or -1. */
int store_admin_consent_set(struct store_admin *admin, const char *account,
    const struct address *rcpt, const struct consent *consent, struct err *err);

/* 1, 0 when there was nothing to remove, or -1. field is a field as store_admin_consents() gives it,
 * whatever somebody else put there. */
int store_admin_consent_remove(
    struct store_admin *admin, const char *account, struct slice field, struct err *err);

/* Calls take for each that the account has, in no order, some perhaps twice; slices and consent stand
 * during the call. Ends when it returns false. 0, or -1. */
typedef bool store_consent_take(
    void *arg, const char *account, struct slice field, const struct consent *consent);
int store_admin_consents(struct store_admin *admin, const char *account, store_consent_take *take,
    void *arg, struct err *err);

/* The same for each account that has any, and for CONSENT_ALL_ACCOUNTS. */
int store_admin_consents_all(
    struct store_admin *admin, store_consent_take *take, void *arg, struct err *err);

/* What that recipient said to each of them: looked up one by one. */
int store_admin_consents_of(struct store_admin *admin, const struct address *rcpt,
    store_consent_take *take, void *arg, struct err *err);

#endif
