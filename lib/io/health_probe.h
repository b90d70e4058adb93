/*
 * health_probe.h - does gatepost-web answer /health?
 */
#ifndef IO_HEALTH_PROBE_H
#define IO_HEALTH_PROBE_H

#include "base/err.h"

#include <stdint.h>

/* spec: as web.status has it; of all addresses ("*:PORT") loopback's is asked. Takes timeout_ms at
 * most. 0, or -1: nobody listens (ERR_IO), no answer (ERR_TIMEOUT), another answer than that it is well
 * (ERR_INVALID). */
int health_probe(const char *spec, int64_t timeout_ms, struct err *err);

#endif
