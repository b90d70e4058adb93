/*
 * store_admin_parts.h - what the files of store_admin share; nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_PARTS_H
#define IO_STORE_ADMIN_PARTS_H

#include "io/redis_conn.h"
#include "io/redis_key.h"
#include "io/store_admin.h"

/* A script that this server was sent: see store_admin_script.h. */
#define STORE_SCRIPTS 4

struct store_script {
	const char *text; /* NULL: none */
	char sha[REDIS_SHA_BYTES];
};

struct store_admin {
	struct redis_target target;
	struct redis_conn conn;
	struct store_script scripts[STORE_SCRIPTS];
};

/* Sends whole commands, over a new connection when there is none. */
int store_admin_send(struct store_admin *admin, struct slice commands, struct err *err);

/* The next answer, for freeReplyObject(); NULL when there is none, or an error. */
redisReply *store_admin_receive(struct store_admin *admin, struct err *err);

/* The same in two steps: an answer that may be an error, and what it is worth (NULL stays NULL). */
redisReply *store_admin_receive_any(struct store_admin *admin, struct err *err);
redisReply *store_admin_check(struct store_admin *admin, redisReply *reply, struct err *err);

/* Both, for one command. */
redisReply *store_admin_ask(struct store_admin *admin, struct slice command, struct err *err);

/* The number that a string or an integer answer says, or 0. */
int64_t store_admin_number(const redisReply *reply);

/* Deletes a key: 1, or 0 when there was none, or -1. */
int store_admin_delete(struct store_admin *admin, struct slice key, struct err *err);

/* What is asked about one hash: some of its fields, and how long it lives. */
#define STORE_HASH_FIELDS         4 /* at most */
#define STORE_HASH_QUESTION_BYTES (2 * REDIS_KEY_BYTES + 160)

struct store_hash {
	int64_t values[STORE_HASH_FIELDS]; /* in the order of the fields; 0 for what is not there */
	int64_t ttl_s;
};

extern const char *const store_grey_fields[], *const store_known_fields[]; /* end in NULL */

/* Appends the question for such fields; reads the answer: 1, 0 when there is no such hash (or
 * something else by its name), or -1. */
void store_hash_question(struct buf *out, struct slice key, const char *const *fields);
int store_hash_answer(struct store_admin *admin, struct store_hash *hash_r, struct err *err);

#endif
