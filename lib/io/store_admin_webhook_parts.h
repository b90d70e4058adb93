/*
 * store_admin_webhook_parts.h - what the files of store_admin_webhook share; nobody else includes it.
 */
#ifndef IO_STORE_ADMIN_WEBHOOK_PARTS_H
#define IO_STORE_ADMIN_WEBHOOK_PARTS_H

#include "io/redis_command.h"
#include "io/store_admin_script.h"
#include "io/store_admin_stream.h"
#include "io/store_admin_webhook.h"

#define WEBHOOK_KEYS_BYTES (4 * (REDIS_KEY_BYTES + 16) + 128)

/* A script that is given the four keys of an account's webhook. */
struct webhook_script {
	const char *text;
	const char *account;
};

/* Begins the command; so many words must follow. 0, or -1: Redis does not take the script. */
int webhook_script_begin(struct store_admin *admin, const struct webhook_script *script,
    struct buf *out, unsigned words, struct err *err);

/* What it answers, for freeReplyObject(), or NULL. */
redisReply *webhook_script_ask(struct store_admin *admin, const struct webhook_script *script,
    const struct buf *out, struct err *err);

/* The number in an answer, which is freed; -1 for NULL. */
int64_t webhook_number(redisReply *answer);

#endif
