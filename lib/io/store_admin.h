/*
 * store_admin.h - what an operator's tool asks of the store in Redis: one connection, one thread.
 *
 * Functions return 0, or -1 with the reason, unless said otherwise. After -1 the connection is
 * opened anew by the next call. Nothing waits longer than STORE_ADMIN_TIMEOUT_MS for one answer.
 * Slices in results point into the iterator, until its next call.
 */
#ifndef IO_STORE_ADMIN_H
#define IO_STORE_ADMIN_H

#include "io/redis.h"
#include "policy/ports.h"

#define STORE_ADMIN_TIMEOUT_MS 5000

struct store_admin;
struct store_scan; /* an iterator */

/* Connects. NULL with the reason. conf is copied. SIGPIPE must be ignored by the program. */
struct store_admin *store_admin_new(const struct redis_conf *conf, struct err *err);
void store_admin_free(struct store_admin *admin);

struct store_info {
	char version[32];
	char role[16];             /* "master", "slave" */
	char maxmemory_policy[32]; /* "noeviction" … */
	int64_t maxmemory;         /* bytes; 0: no limit */
	int64_t used_memory;       /* bytes */
	int64_t latency_us;        /* of one PING */
};

int store_admin_info(struct store_admin *admin, struct store_info *info_r, struct err *err);

/* Does what the daemon does, writes included: is this Redis of use to it? */
int store_admin_probe(struct store_admin *admin, struct err *err);

/* Adds (removes) a member that is checked: 1 when that changed something, 0, or -1. */
int store_admin_list_add(
    struct store_admin *admin, enum store_list list, struct slice member, struct err *err);
int store_admin_list_remove(
    struct store_admin *admin, enum store_list list, struct slice member, struct err *err);

/* All members of a list, in no order. */
struct store_scan *store_admin_list_scan(
    struct store_admin *admin, enum store_list list, struct err *err);

/* 1 with the next member, 0 at the end, or -1. */
int store_scan_member(struct store_scan *scan, struct slice *member_r, struct err *err);

void store_scan_free(struct store_scan *scan);

/* The counters of the UTC hour of unix_s; 0 where there is none. */
int store_admin_stat(
    struct store_admin *admin, int64_t unix_s, int64_t counts_r[STAT_COUNT], struct err *err);

#endif
