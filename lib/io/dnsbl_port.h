/*
 * dnsbl_port.h - the real door to the DNS lists' health (dnsbl_zones.h): remembers how each zone is
 * doing, and looks after them in a thread of its own.
 *
 * The thread asks for the canaries (at the start, every interval, and of suspended zones as their
 * back-off says), reads the operator's switch (the store's list STORE_DNSBL_OFF) every second, and
 * tells the store every ten seconds, and at each change, how the zones are. No mail waits for it.
 * Each host judges by what it sees itself; the store has what the last one wrote.
 */
#ifndef IO_DNSBL_PORT_H
#define IO_DNSBL_PORT_H

#include "policy/dnsbl_health.h"
#include "policy/ports.h"

/* A zone's state changed. */
struct dnsbl_change {
	const char *zone;   /* its name */
	const char *state;  /* "ok", "suspended", "off", "untested" */
	const char *reason; /* a word, or "" */
	const char *detail; /* what it answered, or "" */
};

/* Who is told, from any thread, in no particular order; must not call the port. */
struct dnsbl_notify {
	void *arg;
	void (*changed)(void *arg, const struct dnsbl_change *change);
};

struct dnsbl_setup {
	const struct dnsbl_table *table;
	const struct dnsbl_limits *limits; /* one for each zone; copied */
	const struct clock_port *clock;
	struct dns *dns;
	struct store *store;
	struct dnsbl_notify notify;
};

/* Everything in setup must outlive the port. before: the one of the configuration so far, or NULL;
 * what it knew of zones that are in both goes on. Nothing runs yet. NULL with the reason
 * (ERR_NOMEM). */
struct dnsbl_port *dnsbl_port_new(
    const struct dnsbl_setup *setup, struct dnsbl_port *before, struct err *err);

/* Starts the thread: 0, or -1 (ERR_NOMEM). Fork before. Only now does `before`, which must be there
 * still, look after nothing any more: who cannot start leaves it in force. */
int dnsbl_port_start(struct dnsbl_port *port, struct err *err);

/* Waits until every zone was tested once, but for so long at most: before the first session. */
void dnsbl_port_warm(struct dnsbl_port *port, int64_t ms);

/* What the thread does, once: for tests, which have no thread. True while canaries are asked for,
 * so that it wants to be called again at once. */
bool dnsbl_port_tick(struct dnsbl_port *port);

/* How the zone is. */
enum dnsbl_state dnsbl_port_state(struct dnsbl_port *port, size_t zone);

/* Ends the thread; what is counted goes to the store. No other thread may be using the port. NULL
 * is allowed. */
void dnsbl_port_free(struct dnsbl_port *port);

#endif
