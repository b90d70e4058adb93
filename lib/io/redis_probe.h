/*
 * redis_probe.h - does this server work for us?
 */
#ifndef IO_REDIS_PROBE_H
#define IO_REDIS_PROBE_H

#include "io/redis_conn.h"

/* Opens conn, which is closed, and does what a session does: writes a key (PREFIXprobe:HOST:PID,
 * which expires in a minute), and takes a greylist step. 0, or -1 with the reason, conn closed. */
int redis_probe(
    struct redis_conn *conn, struct redis_target *target, struct deadline until, struct err *err);

#endif
