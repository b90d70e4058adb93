/*
 * ports.h - the doors to the outside, as the pure code sees them.
 *
 * The real ones live in lib/io/, the fakes in tests/scenario/fake/. They speak the domain, and are
 * few. Every call may come from any thread at any time; a port locks itself. A call that waits
 * has a bound on its waiting, from the configuration.
 */
#ifndef POLICY_PORTS_H
#define POLICY_PORTS_H

#include "base/err.h"
#include "base/net.h"
#include "mail/address.h"
#include "policy/accounts.h"
#include "policy/dns.h"
#include "policy/dnsbl_zones.h"
#include "policy/event.h"
#include "policy/grey.h"
#include "policy/hit.h"
#include "policy/record.h"
#include "policy/send.h"
#include "policy/sent_message.h"
#include "policy/stat.h"
#include "policy/suppress_rule.h"
#include "policy/suppression.h"

/* The wall clock, for logs and headers; the greylist's time comes from the store. */
struct clock_port {
	int64_t (*now_s)(const struct clock_port *clock);   /* Unix seconds */
	int64_t (*mono_ms)(const struct clock_port *clock); /* for intervals */
};

/* The lists that operators keep in the store, beside those in milter.conf. */
enum store_list {
	STORE_OPTOUT,         /* recipients and domains that are never greylisted */
	STORE_ALLOW_NETWORKS, /* clients that are never greylisted */
	STORE_ALLOW_SENDERS,  /* senders that are never greylisted */
	STORE_DNSBL_OFF,      /* names of DNS lists that are switched off */
	STORE_OPTOUT_ALL,     /* recipients and domains whose mail no check judges */
	STORE_ALLOW_CLIENTS,  /* clients whose mail no check judges */
	STORE_LISTS,
};

/* True for a list of networks; STORE_DNSBL_OFF is one of names; the
 * others hold addresses and domains. */
static inline bool
store_list_has_networks(enum store_list list)
{
	return list == STORE_ALLOW_NETWORKS || list == STORE_ALLOW_CLIENTS;
}

struct grey_request {
	const struct grey_key *key;
	const struct grey_windows *windows;
	const struct address *met_local;  /* ask whether met_local wrote to met_remote … */
	const struct address *met_remote; /* … both NULL: do not ask */
};

struct store {
	/* One try of one tuple, atomically: 0, or -1 (ERR_TIMEOUT, ERR_UNAVAILABLE, ERR_IO) when
	 * the store could not be asked or did not answer; nothing may then be concluded. */
	int (*grey_step)(struct store *store, const struct grey_request *request,
	    struct grey_step *step_r, struct err *err);

	/* Is it in the list? From memory, never waits: a change shows within seconds. */
	bool (*has_network)(struct store *store, enum store_list list, const struct net_addr *addr);
	bool (*has_address)(struct store *store, enum store_list list, const struct address *addr);
	bool (*has_name)(struct store *store, enum store_list list, struct slice name);

	/* `local` wrote to `remote`; remembered for ttl_s. Never waits: goes through the queue. */
	void (*met)(struct store *store, const struct address *local, const struct address *remote,
	    int64_t ttl_s);

	/* Adds n to a counter of the hour of unix_s. Never waits. */
	void (*count)(struct store *store, unsigned stat, int64_t unix_s, int64_t n);

	/* How a DNS list is doing: replaces what was known, adds to its counters. Never waits. */
	void (*note_zone)(struct store *store, const struct dnsbl_note *note);

	/* Keeps a decision record; of all, about the newest `keep` stay. Never waits. */
	void (*record)(struct store *store, const struct record *record, int64_t keep);

	/* May this account send? See send.h. 0, or -1 as grey_step(). */
	int (*send_step)(struct store *store, const struct send_request *request,
	    struct send_step *step_r, struct err *err);

	/* Appends to the account's events. Never waits. */
	void (*event)(
	    struct store *store, const struct event *event, const struct event_terms *terms);

	/* Keeps what is known of a message that left: the event's fields, and the recipients' names
	 * (see event.h). Never waits. */
	void (*message)(struct store *store, const struct event *sent,
	    const struct address *const *rcpts, size_t nrcpts, int64_t ttl_s);

	/* What is kept of such a message; see sent_message.h. 0, or -1 as grey_step(). */
	int (*sent)(struct store *store, const struct sent_question *question,
	    struct sent_message *message_r, struct err *err);

	/* Records what came back about one recipient: what it makes of him, the message's record
	 * and the event, all or nothing, and the same return once; see suppress_rule.h. 0, or -1 as
	 * grey_step(): it may be recorded, or not. */
	int (*returned)(struct store *store, const struct suppress_request *request,
	    struct suppress_step *step_r, struct err *err);

	/* Somebody asked for a pixel, a link, or to be unsubscribed: kept as hit.h has it. Never
	 * waits. */
	void (*hit)(struct store *store, const struct hit_note *note);
};

/* Numbers that nobody can guess. */
struct random_port {
	uint64_t (*next)(const struct random_port *random);
};

struct budget;
struct key_table;
struct keyring;

struct ports {
	const struct clock_port *clock;
	struct dns *dns;
	struct store *store;
	struct dnsbl_port *dnsbl; /* NULL: no list is asked, or all may be */
	const struct random_port *random;
	struct accounts *accounts;
	const struct keyring *keyring; /* NULL: there is none, and no token can be made */
	const struct key_table *keys;  /* that sign mail; NULL: none */
	const struct psl_ctx_st
	    *suffixes; /* the Public Suffix List; NULL: what libpsl has built in */
	struct store
	    *local; /* in this process: decides when the store is down and on_error = local */
	struct budget
	    *memory; /* what all sessions together may take for a moment; NULL: no bound */
	struct budget
	    *returns_memory; /* the same, for those who read what came back and record it */
};

#endif
