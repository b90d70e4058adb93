/*
 * store_admin_parts.h - what the files of store_admin share; nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_PARTS_H
#define IO_STORE_ADMIN_PARTS_H

#include "io/redis_conn.h"
#include "io/store_admin.h"

struct store_admin {
	struct redis_target target;
	struct redis_conn conn;
};

/* Sends whole commands, over a new connection when there is none. */
int store_admin_send(struct store_admin *admin, struct slice commands, struct err *err);

/* The next answer, for freeReplyObject(); NULL when there is none, or an error. */
redisReply *store_admin_receive(struct store_admin *admin, struct err *err);

/* Both, for one command. */
redisReply *store_admin_ask(struct store_admin *admin, struct slice command, struct err *err);

/* The number that a string or an integer answer says, or 0. */
int64_t store_admin_number(const redisReply *reply);

#endif
