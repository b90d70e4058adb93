/*
 * store_admin_server.h - more of store_admin.h: what `gatepostctl check` wants to know of the
 * server beside store_admin_info().
 */
#ifndef IO_STORE_ADMIN_SERVER_H
#define IO_STORE_ADMIN_SERVER_H

#include "io/store_admin.h"

/* The server's clock: Unix seconds, and by how many milliseconds it is ahead of this host's. */
int store_admin_time(
    struct store_admin *admin, int64_t *now_s_r, int64_t *ahead_ms_r, struct err *err);

struct store_persistence {
	bool aof;         /* appendonly */
	bool failing;     /* the last attempt to write did not work */
	bool saves_known; /* the server said whether it takes snapshots (it may not want to) */
	bool saves;
};

int store_admin_persistence(
    struct store_admin *admin, struct store_persistence *p_r, struct err *err);

#endif
