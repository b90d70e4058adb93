/*
 * store_admin_verdicts.h - more of store_admin.h: the decision records that daemons kept.
 */
#ifndef IO_STORE_ADMIN_VERDICTS_H
#define IO_STORE_ADMIN_VERDICTS_H

#include "io/store_admin.h"

struct store_verdicts; /* an iterator */

/* All records, the newest first. NULL when memory is out. */
struct store_verdicts *store_admin_verdicts(struct store_admin *admin, struct err *err);

/* The records that were kept from that time on (Redis's clock), the oldest first. A record is kept
 * when its transaction ends, or later, after an outage of Redis. */
struct store_verdicts *store_admin_verdicts_from(
    struct store_admin *admin, int64_t unix_ms, struct err *err);

/* 1 with the next record and when it was kept (Redis's clock), 0 at the end, or -1. Fields that this
 * version does not know are left out. */
int store_verdicts_next(
    struct store_verdicts *v, struct record *record_r, int64_t *kept_ms_r, struct err *err);

void store_verdicts_free(struct store_verdicts *v);

#endif
