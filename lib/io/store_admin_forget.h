/*
 * store_admin_forget.h - more of store_admin.h: a person is forgotten. See policy/forget.h.
 *
 * One pass over the names of all keys, one over the events of each account, one over the decision
 * records; what is found is changed at once, each thing by itself, while mail flows. Broken off and
 * begun anew it comes to the same end.
 */
#ifndef IO_STORE_ADMIN_FORGET_H
#define IO_STORE_ADMIN_FORGET_H

#include "io/store_admin.h"
#include "policy/forget.h"

/* Messages of one person: more are no person's. */
#define STORE_FORGET_MESSAGES ((size_t)1000000)

enum store_forget_kind {
	STORE_FORGET_EVENTS,        /* written anew without him */
	STORE_FORGET_MESSAGES_KEPT, /* the same */
	STORE_FORGET_DECISIONS,     /* from here on: deleted */
	STORE_FORGET_TUPLES,
	STORE_FORGET_CORRESPONDENTS,
	STORE_FORGET_RETURNS, /* what came back lately */
	STORE_FORGET_CONSENTS,
	STORE_FORGET_SUPPRESSIONS, /* only when asked for; found in any case */
	STORE_FORGET_KINDS,
};

struct store_forget_wish {
	const struct forget_person *person;
	bool only_count;
	bool suppressions; /* these too */
	int64_t now_s;     /* Redis's clock: what is kept later is left */
};

struct store_forget_counts {
	int64_t found, done;
};

/* Calls tell for each account (or "*") that had something of a kind, or for those that have no account
 * with "". 0, or -1: some of it may be done. */
typedef void store_forget_tell(void *arg, enum store_forget_kind kind, const char *account,
    const struct store_forget_counts *counts);
int store_admin_forget(struct store_admin *admin, const struct store_forget_wish *wish,
    store_forget_tell *tell, void *arg, struct err *err);

#endif
