/*
 * store_admin_events.h - more of store_admin.h: what happened to mail of an account, what is known of
 * a message that left, who is suppressed, and where the limits stand. See policy/event.h,
 * policy/suppression.h, policy/limit.h.
 */
#ifndef IO_STORE_ADMIN_EVENTS_H
#define IO_STORE_ADMIN_EVENTS_H

#include "io/store_admin.h"
#include "policy/account.h"

/* --- events --- */

struct store_events; /* an iterator */

/* Which: when they were kept, in milliseconds of Redis's clock, both ends included. */
struct store_events_range {
	int64_t from_ms;  /* 0: from the beginning */
	int64_t until_ms; /* INT64_MAX: to the end */
	bool newest_first;
};

/* The account's events in that range; name is copied. NULL when memory is out, or the name is none
 * of an account. */
struct store_events *store_admin_events(struct store_admin *admin, const char *account,
    const struct store_events_range *range, struct err *err);

/* 1 with the next event's fields (record_get(&record, "type") …) and when it was kept, 0 at the end,
 * or -1. Fields that this version does not know are left out. */
int store_events_next(
    struct store_events *events, struct record *record_r, int64_t *kept_ms_r, struct err *err);

void store_events_free(struct store_events *events);

/* The names of all accounts that have events, sorted, each once. */
struct store_event_accounts {
	char (*v)[ACCOUNT_NAME_BYTES + 1];
	size_t n;
};
int store_admin_event_accounts(
    struct store_admin *admin, struct store_event_accounts *accounts_r, struct err *err);

/* The same, with those of whom hits are only counted: all that a report can be about. */
int store_admin_report_accounts(
    struct store_admin *admin, struct store_event_accounts *accounts_r, struct err *err);

void store_event_accounts_free(struct store_event_accounts *accounts);

/* --- one message --- */

struct store_message {
	struct record fields; /* those of its event `sent` */
	int64_t ttl_s;        /* until Redis forgets it */
	size_t nrcpts;
	struct store_message_rcpt {
		struct slice address; /* lower case; any bytes may be in either */
		struct slice state;   /* "sent", later what became of it */
	} * rcpts;                    /* sorted by address */
	void *answer;                 /* that the slices point into */
};

/* The message of that id (13 characters of base32; case does not matter): 1 with it, which must be
 * freed, 0 when there is none, or -1. */
int store_admin_message_get(struct store_admin *admin, const char *account, struct slice id,
    struct store_message **message_r, struct err *err);
void store_message_free(struct store_message *message);

/* --- suppression and limits --- */

/* Whom no account sends to, as the account's name below. */
#define STORE_ALL_ACCOUNTS "*"

/* What the account's list says of that recipient: 1, 0 when he is not in it, or -1. Whether it still
 * holds: suppression_holds(). */
int store_admin_suppression_get(struct store_admin *admin, const char *account,
    const struct address *rcpt, struct suppression *suppression_r, struct err *err);

struct store_limits {
	int64_t now_us;             /* Redis's clock */
	struct limit_bucket bucket; /* of the account; all 0: nothing was counted lately */
	struct limit_warmth warmth; /* of the lane; the same */
};
int store_admin_limits(struct store_admin *admin, const char *account, const char *lane,
    struct store_limits *limits_r, struct err *err);

#endif
