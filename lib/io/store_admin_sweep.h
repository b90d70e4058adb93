/*
 * store_admin_sweep.h - every key of some kind, page by page; for the files of store_admin, nobody
 * else includes it.
 */
#ifndef IO_STORE_ADMIN_SWEEP_H
#define IO_STORE_ADMIN_SWEEP_H

#include "io/store_admin_parts.h"

/* Calls take for the keys that begin with the prefix and then match the pattern ("msg:{*"), in no
 * order, some perhaps twice, as many at once as SCAN answers; take may use the connection. Ends when
 * it returns other than 0. 0, or -1. */
typedef int store_sweep_take(void *arg, const struct slice *keys, size_t n, struct err *err);
int store_admin_sweep(struct store_admin *admin, const char *pattern, store_sweep_take *take,
    void *arg, struct err *err);

#endif
