/*
 * store_admin_suppression.h - more of store_admin.h: the lists of suppressed recipients, as a whole.
 * An account is named as its key has it; STORE_ALL_ACCOUNTS is the list for all of them. A recipient
 * is named as suppression_key() writes him.
 */
#ifndef IO_STORE_ADMIN_SUPPRESSION_H
#define IO_STORE_ADMIN_SUPPRESSION_H

#include "io/store_admin.h"
#include "io/store_admin_events.h"
#include "policy/suppress_rule.h"

/* Recipients in one question, or one write. */
#define STORE_SUPPRESSIONS_BATCH 1000

/* The accounts that have a list, sorted, each once; for store_event_accounts_free(). */
int store_admin_suppression_lists(
    struct store_admin *admin, struct store_event_accounts *lists_r, struct err *err);

struct store_suppressions; /* an iterator */

/* The entries of one list, in no order; one that changes meanwhile may come twice or not at all.
 * NULL when memory is out, or the name is too long. */
struct store_suppressions *store_admin_suppressions(
    struct store_admin *admin, const char *account, struct err *err);

/* 1 with the next, 0 at the end, or -1. */
int store_suppressions_next(struct store_suppressions *iterator, struct slice *rcpt_r,
    struct suppression *entry_r, struct err *err);
void store_suppressions_free(struct store_suppressions *iterator);

/* What the list says of n recipients, STORE_SUPPRESSIONS_BATCH at most; reason SUPPRESSED_NOT: it does
 * not have him. From then on the next store_admin_suppressions_set() is done only when nobody else
 * changed the list. */
int store_admin_suppressions_watch(struct store_admin *admin, const char *account,
    const struct slice *rcpts, size_t n, struct suppression *entries_r, struct err *err);

struct store_suppression {
	struct slice rcpt;
	const struct suppression *entry;
};

/* Writes n entries, STORE_SUPPRESSIONS_BATCH at most, all at once: 1, 0 when somebody else was faster,
 * or -1. */
int store_admin_suppressions_set(struct store_admin *admin, const char *account,
    const struct store_suppression *v, size_t n, struct err *err);

/* Takes him off the list, and forgets the soft failures of this account: 1, 0 when he was not on it,
 * or -1. */
int store_admin_suppression_remove(
    struct store_admin *admin, const char *account, struct slice rcpt, struct err *err);

/* His soft failures; all 0: none. */
int store_admin_suppression_soft(struct store_admin *admin, const char *account, struct slice rcpt,
    struct suppress_soft *soft_r, struct err *err);

#endif
