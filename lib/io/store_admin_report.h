/*
 * store_admin_report.h - more of store_admin.h: an account's events, as a report reads them: all of
 * them, fast, and only what it needs. See policy/report.h.
 */
#ifndef IO_STORE_ADMIN_REPORT_H
#define IO_STORE_ADMIN_REPORT_H

#include "io/store_admin.h"
#include "policy/report.h"

struct store_report; /* an iterator */

/* The account's events that were kept from that time on (milliseconds of Redis's clock), the oldest
 * first. NULL when memory is out, or the name is none of an account. Until it is freed, nothing else
 * may be asked of admin. */
struct store_report *store_admin_report(
    struct store_admin *admin, const char *account, int64_t from_ms, struct err *err);

/* 1 with the next, 0 at the end, or -1. Its slices may hold any byte, and stand until the next
 * call. */
int store_report_next(struct store_report *report, struct report_event *event_r, struct err *err);
void store_report_free(struct store_report *report);

/* UTC days, from that of from_s to that of until_s. */
struct store_report_days {
	int64_t from_s, until_s;
};

/* Adds what was counted, and not kept, on these days; report NULL: only looks. 1, 0 when there is
 * nothing, or -1. */
int store_admin_report_counted(struct store_admin *admin, const char *account,
    const struct store_report_days *days, struct report *report, struct err *err);

/* Has the account any events, of whatever days, or anything that was counted on these? 1, 0, or -1. */
int store_admin_report_any(struct store_admin *admin, const char *account,
    const struct store_report_days *days, struct err *err);

#endif
