/*
 * store_admin_forget_parts.h - what the files of store_admin_forget share; nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_FORGET_PARTS_H
#define IO_STORE_ADMIN_FORGET_PARTS_H

#include "base/arena.h"
#include "io/deadline.h"
#include "io/store_admin_forget.h"
#include "io/store_admin_parts.h"
#include "policy/report_set.h"

/* One value, or all of one entry, that is larger is none that we wrote. */
#define FORGET_WORDS_BYTES ((size_t)512 * 1024)
#define FORGET_FIELDS_MAX  200

/* Where the record of a message has what became of him. */
#define FORGET_RCPT_FIELD "rcpt:" FORGET_MARK

/* What is noted of a message: his place among its recipients, from 1, or one of these. */
#define FORGET_NTH_ONLY    UINT32_C(0)      /* there is no other */
#define FORGET_NTH_AMONG   (UINT32_MAX - 1) /* he is one of several, and here is */
#define FORGET_NTH_UNKNOWN UINT32_MAX       /* … or where is not known */

struct forgetting {
	struct store_admin *admin;
	const struct store_forget_wish *wish;
	store_forget_tell *tell;
	void *arg;
	struct report_set messages; /* by account, id and one of the numbers above */
	struct arena arena;
	struct deadline heard; /* when all hosts know that his messages are not to be followed */
	struct forget_message {
		struct slice key;
		bool only; /* he is its only recipient */
		struct forget_message *next;
	} * found;                                             /* messages that name him */
	struct store_forget_counts counts[STORE_FORGET_KINDS]; /* of no account */
};

/* A list of fields that is being written anew. */
struct forget_fields {
	struct slice v[2 * FORGET_FIELDS_MAX]; /* name, value, name … */
	size_t n;
	bool changed;
	struct buf storage; /* of FORGET_WORDS_BYTES, of the values that changed */
};

/* Reads [name, value, …] into *fields. False: there are too many, or they are too long: nothing that
 * we wrote. */
bool forget_fields_make(struct forget_fields *fields, const struct forget_person *person,
    enum forget_whose whose, const redisReply *list);

/* The value of that name in a list, or an empty slice. */
struct slice forget_value(const redisReply *list, const char *name);

/* A message, of which he, or somebody who was forgotten, may be a recipient. */
struct forget_sent {
	const char *account;
	struct slice id, to;
	int64_t nrcpt;
	bool is_rcpt; /* he is one, whatever `to` has */
};

/* Notes what it says; finds a note. */
int forget_message_note(struct forgetting *f, const struct forget_sent *sent, struct err *err);
bool forget_message_has(
    const struct forgetting *f, const char *account, struct slice id, uint32_t nth);

/* A command whose answer is a number: 1 when it is above 0, else 0; or -1. */
int forget_ask(struct forgetting *f, struct slice command, struct err *err);

/* The parts, in the order in which they must come; counts and entry are of one of the keys. 0, or
 * -1. */
int forget_keys(struct forgetting *f, struct err *err);
int forget_counts(struct forgetting *f, struct slice key, struct err *err);
int forget_entry(struct forgetting *f, enum store_forget_kind kind, struct slice key,
    struct slice account, struct err *err);
int forget_messages(struct forgetting *f, struct err *err);
int forget_events(struct forgetting *f, struct err *err);

#endif
