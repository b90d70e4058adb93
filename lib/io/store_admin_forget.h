/*
 * store_admin_forget.h - more of store_admin.h: a person is forgotten. See policy/forget.h.
 *
 * One pass over the names of all keys; then his messages, and a pause of redis.lists_refresh, unless
 * somebody was forgotten before, until every host has read that hits on these are not recorded any more;
 * one over the events of each account, one over the decision records. What is found is changed at once,
 * each thing by itself, while mail flows and hits arrive. Broken off and begun anew it comes to the same
 * end: the mark in his place says which events were his.
 */
#ifndef IO_STORE_ADMIN_FORGET_H
#define IO_STORE_ADMIN_FORGET_H

#include "io/store_admin.h"
#include "policy/forget.h"

/* Messages of him, and of all who were forgotten before: each takes two of these. */
#define STORE_FORGET_NOTES ((size_t)8000000)

enum store_forget_kind {
	STORE_FORGET_EVENTS,        /* written anew without him */
	STORE_FORGET_MESSAGES_KEPT, /* the same */
	STORE_FORGET_COUNTS,        /* what is only counted, by link and tag: the same */
	STORE_FORGET_DECISIONS,     /* from here on: deleted */
	STORE_FORGET_TUPLES,
	STORE_FORGET_CORRESPONDENTS,
	STORE_FORGET_RETURNS,  /* what came back lately */
	STORE_FORGET_CONSENTS, /* what he allowed */
	/* only when asked for; found in any case */
	STORE_FORGET_REFUSALS, /* consents that take away: without them he would be tracked again */
	STORE_FORGET_SUPPRESSIONS,
	STORE_FORGET_KINDS,
};

struct store_forget_wish {
	const struct forget_person *person;
	bool only_count;
	bool refusals; /* and suppressions: these too */
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
