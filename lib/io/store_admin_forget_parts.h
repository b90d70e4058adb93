/*
 * store_admin_forget_parts.h - what the files of store_admin_forget share; nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_FORGET_PARTS_H
#define IO_STORE_ADMIN_FORGET_PARTS_H

#include "base/arena.h"
#include "io/store_admin_forget.h"
#include "io/store_admin_parts.h"
#include "policy/report_set.h"

/* One value, or all of one entry, that is larger is none that we wrote. */
#define FORGET_WORDS_BYTES ((size_t)512 * 1024)
#define FORGET_FIELDS_MAX  200
#define FORGET_NTH_ONLY    UINT32_C(0) /* he is the message's only recipient */
#define FORGET_NTH_UNKNOWN UINT32_MAX  /* one of several */

struct forgetting {
	struct store_admin *admin;
	const struct store_forget_wish *wish;
	store_forget_tell *tell;
	void *arg;
	struct report_set messages; /* his, by account and id: which recipient he is */
	struct arena arena;
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

/* Notes a message as his; finds it: false, it is not. */
int forget_message_note(
    struct forgetting *f, const char *account, struct slice id, uint32_t nth, struct err *err);
bool forget_message_find(
    const struct forgetting *f, const char *account, struct slice id, uint32_t *nth_r);

/* A command whose answer is a number: that, or -1. */
int forget_ask(struct forgetting *f, struct slice command, struct err *err);

/* The parts, in the order in which they must come. 0, or -1. */
int forget_keys(struct forgetting *f, struct err *err);
int forget_events(struct forgetting *f, struct err *err);
int forget_messages(struct forgetting *f, struct err *err);

#endif
