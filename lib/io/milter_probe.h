/*
 * milter_probe.h - is a milter listening there? Asked as an MTA would: connect, and negotiate.
 */
#ifndef IO_MILTER_PROBE_H
#define IO_MILTER_PROBE_H

#include "base/err.h"

#include <stdint.h>

/* spec: as milter.listen has it ("unix:PATH", "inet:PORT@HOST"). A host that is a name is resolved,
 * which may wait for DNS; all else takes timeout_ms at most. 0, or -1: nobody listens, no right to
 * connect (ERR_IO), no answer (ERR_TIMEOUT), an answer that no milter gives (ERR_INVALID). */
int milter_probe(const char *spec, int64_t timeout_ms, struct err *err);

#endif
