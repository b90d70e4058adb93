/*
 * suppress.h - what the commands `suppress …` share: whose lists, which entries, and how they are
 * shown.
 */
#ifndef CTL_SUPPRESS_H
#define CTL_SUPPRESS_H

#include "ctl.h"
#include "io/store_admin_suppression.h"
#include "table.h"

struct suppress_view {
	struct ctl *ctl;
	struct store_admin *admin;
	int64_t now_s;       /* by Redis's clock */
	const char *account; /* of --account; STORE_ALL_ACCOUNTS with --all; NULL: neither */
};

/* Reads the configuration, reaches Redis, looks at --account and --all; the account must be there, or
 * have a list. CTL_OK, or the exit code after a complaint. */
int suppress_view_init(struct suppress_view *view, struct ctl *ctl);

/* The same for who must say one of both; the account must be there. */
int suppress_view_init_one(struct suppress_view *view, struct ctl *ctl);

/* Complains that Redis failed; returns EX_UNAVAILABLE. */
int suppress_failed(const struct err *err);

/* "account shop", "all accounts" */
void suppress_account_words(struct buf *out, const char *account);

/* "bounced" … as an operator types it, or SUPPRESSED_NOT. */
enum suppression_reason suppress_reason_parse(struct slice word);

/* An address as an operator types it, as the lists have it, in storage: CTL_OK, or EX_USAGE after a
 * complaint. */
struct suppress_address {
	struct address parsed; /* points into text */
	struct slice key;
	char storage[SUPPRESSION_KEY_BYTES];
};
int suppress_address_read(struct suppress_address *address, const char *text);

/* --- which entries --- */

struct suppress_filter {
	unsigned reasons; /* bits, by enum suppression_reason */
	int64_t since_s;  /* of the last */
	struct slice domain;
};

/* From --reason, --since, --domain. CTL_OK, or EX_USAGE after a complaint. */
int suppress_filter_read(const struct suppress_view *view, struct suppress_filter *filter_r);

struct suppress_row {
	const char *account;
	struct slice rcpt;
	struct suppression entry;
};

/* Calls row_do() for each entry that the filter has, of the lists that the view names, one list after
 * the other, until it returns false. CTL_OK, or the exit code after a complaint. */
typedef bool suppress_row_do(void *arg, const struct suppress_row *row);
int suppress_each(struct suppress_view *view, const struct suppress_filter *filter,
    suppress_row_do *row_do, void *arg);

/* --- how they are shown --- */

void suppress_table_begin(struct table *t, struct out *out);
void suppress_table_row(
    struct table *t, const struct suppress_view *view, const struct suppress_row *row);

#endif
