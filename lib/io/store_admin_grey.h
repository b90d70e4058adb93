/*
 * store_admin_grey.h - more of store_admin.h: one tuple by its name, and the identities that are
 * known or on their way to it.
 */
#ifndef IO_STORE_ADMIN_GREY_H
#define IO_STORE_ADMIN_GREY_H

#include "io/store_admin.h"

/* One tuple: 1 with the row, 0 when there is none, or -1. The row's slices point into storage,
 * which must live as long. */
struct store_grey_storage {
	char key[REDIS_PREFIX_BYTES + 16 + IDENTITY_TEXT_BYTES + 2 * GREY_ADDRESS_BYTES];
};
int store_admin_grey_get(struct store_admin *admin, const struct grey_key *key,
    struct store_grey_storage *storage, struct store_grey_row *row_r, struct err *err);

struct store_known_row {
	struct slice key; /* for store_admin_known_forget() */
	struct slice identity;
	struct grey_known known;
	int64_t ttl_s;
};

struct store_known_scan;

/* As store_admin_grey_scan(), store_scan_grey(), store_scan_free(), for identities. */
struct store_known_scan *store_admin_known_scan(struct store_admin *admin, struct err *err);
int store_known_scan_next(
    struct store_known_scan *scan, struct store_known_row *row_r, struct err *err);
void store_known_scan_free(struct store_known_scan *scan);

/* What is known of one identity: 1, 0 when nothing is, or -1. */
int store_admin_known_get(struct store_admin *admin, const struct identity *identity,
    struct grey_known *known_r, struct err *err);

/* Forgets one: 1, or 0 when there was none, or -1. A key that is not an identity's is refused. */
int store_admin_known_forget(struct store_admin *admin, struct slice key, struct err *err);

#endif
