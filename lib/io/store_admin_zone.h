/*
 * store_admin_zone.h - more of store_admin.h: what Redis knows of a DNS list. Switching one off is
 * store_admin_list_add() to STORE_DNSBL_OFF.
 */
#ifndef IO_STORE_ADMIN_ZONE_H
#define IO_STORE_ADMIN_ZONE_H

#include "io/redis_zone.h"
#include "io/store_admin.h"

/* 1 with what is known of the zone of that name, 0 when nothing is, or -1. */
int store_admin_zone(
    struct store_admin *admin, struct slice name, struct redis_zone_row *row_r, struct err *err);

/* Is the name in the list? 1, 0, or -1. */
int store_admin_list_has(
    struct store_admin *admin, enum store_list list, struct slice member, struct err *err);

#endif
