/*
 * store_admin_grey.h - more of store_admin.h: the tuples, and the identities that are known or on
 * their way to it.
 */
#ifndef IO_STORE_ADMIN_GREY_H
#define IO_STORE_ADMIN_GREY_H

#include "io/store_admin.h"

struct store_grey_row {
	struct slice key; /* for store_admin_grey_forget() */
	struct slice identity, sender, rcpt;
	struct grey_tuple tuple;
	int64_t ttl_s; /* until Redis forgets it */
};

/* All tuples, in no order; one that changes meanwhile may come twice or not at all. NULL when
 * memory is out. */
struct store_scan *store_admin_grey_scan(struct store_admin *admin, struct err *err);

/* 1 with the next tuple, 0 at the end, or -1. */
int store_scan_grey(struct store_scan *scan, struct store_grey_row *row_r, struct err *err);

/* One tuple: 1 with the row, 0 when there is none, or -1. The row's slices point into storage,
 * which must live as long. */
struct store_grey_storage {
	char key[REDIS_PREFIX_BYTES + 16 + IDENTITY_TEXT_BYTES + 2 * GREY_ADDRESS_BYTES];
};
int store_admin_grey_get(struct store_admin *admin, const struct grey_key *key,
    struct store_grey_storage *storage, struct store_grey_row *row_r, struct err *err);

/* Forgets one tuple: 1, or 0 when there was none, or -1. A key that is not a tuple's is refused. */
int store_admin_grey_forget(struct store_admin *admin, struct slice key, struct err *err);

struct store_known_row {
	struct slice key; /* for store_admin_known_forget() */
	struct slice identity;
	struct grey_known known;
	int64_t ttl_s;
};

/* The same for identities. */
struct store_scan *store_admin_known_scan(struct store_admin *admin, struct err *err);
int store_scan_known(struct store_scan *scan, struct store_known_row *row_r, struct err *err);
int store_admin_known_get(struct store_admin *admin, const struct identity *identity,
    struct grey_known *known_r, struct err *err);
int store_admin_known_forget(struct store_admin *admin, struct slice key, struct err *err);

#endif
