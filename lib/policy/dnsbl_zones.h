/*
 * dnsbl_zones.h - the door to what is known of the zones: may they be asked, and how do they do.
 *
 * The real one is lib/io/dnsbl_port.h. A zone is its index in the table (dnsbl_rule.h) that the
 * port was made for. Nobody waits for any of it.
 */
#ifndef POLICY_DNSBL_ZONES_H
#define POLICY_DNSBL_ZONES_H

#include "base/slice.h"

#include <stdint.h>

/* What a zone said about one client, or about the names of one mail. */
enum dnsbl_status {
	DNSBL_UNASKED,   /* there was nothing to ask it about */
	DNSBL_UNLISTED,  /* nothing, or codes that no rule wants */
	DNSBL_LISTED,    /* a rule matched */
	DNSBL_ERROR,     /* an answer that is no listing: see dnsbl_is_error() */
	DNSBL_TEMPERROR, /* no answer */
	DNSBL_SUSPENDED, /* not asked, or not believed */
};

/* Codes as text: "127.0.0.2,127.0.0.10,127.255.255.254,…". */
#define DNSBL_CODES_BYTES 64

struct dnsbl_report {
	enum dnsbl_status status;
	bool alone;         /* LISTED: no other zone of its kind lists this client */
	uint64_t client;    /* see dnsbl_client_key(); 0: none */
	const char *detail; /* ERROR: the codes */
};

struct dnsbl_port {
	bool (*usable)(struct dnsbl_port *port, size_t zone);
	void (*report)(struct dnsbl_port *port, size_t zone, const struct dnsbl_report *report);
	/* Without this zone the answer would have been another. */
	void (*decided)(struct dnsbl_port *port, size_t zone);
};

/* The longest name of a zone, with the NUL. */
#define DNSBL_NAME_BYTES 192

/* What a port counts. */
struct dnsbl_counts {
	int64_t asked;
	int64_t listed;
	int64_t decided;
	int64_t errors;   /* answers that were errors */
	int64_t timeouts; /* questions without an answer */
};

/* What a port tells the store now and then: how the zone is, and what to add to its counters. */
struct dnsbl_note {
	char name[DNSBL_NAME_BYTES];
	char host[64];                 /* whose view it is */
	const char *state;             /* static: "ok", "suspended", …; NULL: counts only */
	const char *reason;            /* static: a word, or "" */
	int64_t since_s;               /* of the state */
	int64_t seen_s;                /* now */
	int64_t ms;                    /* its time to answer; -1: not known */
	char error[DNSBL_CODES_BYTES]; /* the last, or "" */
	int64_t error_s;
	struct dnsbl_counts added;
};

#endif
