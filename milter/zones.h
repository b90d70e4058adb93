/*
 * zones.h - the health of the DNS lists of one configuration, and its changes in the log.
 */
#ifndef MILTER_ZONES_H
#define MILTER_ZONES_H

#include "pipeline.h"

/* The port for the lists that the pipeline has, running; NULL in *port_r when it has none. before:
 * the one of the configuration so far, or NULL. The first one ever waits, shortly, until each zone
 * was tested. 0, or -1 with the reason. */
int zones_open(const struct pipeline *p, struct dnsbl_port *before, struct dnsbl_port **port_r,
    struct err *err);

/* NULL is allowed. */
void zones_close(struct dnsbl_port *port);

#endif
