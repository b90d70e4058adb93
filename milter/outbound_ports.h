/*
 * outbound_ports.h - opens and closes the doors of a configuration that sending needs: the accounts,
 * the keyring, and the keys that sign mail.
 */
#ifndef MILTER_OUTBOUND_PORTS_H
#define MILTER_OUTBOUND_PORTS_H

#include "policy/ports.h"

struct outbound_ports;

/* Opens them, and puts them into *ports. before: those of the configuration so far, or NULL. Nothing
 * where outbound.enabled = no: *opened_r is NULL then. What is wrong with an account, a key or the
 * keyring is logged, and does not count as a failure. Starts a thread, so fork before. 0, or -1 with
 * the reason. */
int outbound_ports_open(const struct conf *conf, struct outbound_ports *before, struct ports *ports,
    struct outbound_ports **opened_r, struct err *err);

/* No session may use them any more. NULL is allowed. */
void outbound_ports_close(struct outbound_ports *doors);

#endif
