/*
 * store_admin_script.h - calling scripts by their digest: Redis is sent the text once, and again when it
 * has lost it. For the files of store_admin.
 */
#ifndef IO_STORE_ADMIN_SCRIPT_H
#define IO_STORE_ADMIN_SCRIPT_H

#include "io/store_admin_parts.h"

/* What a command "EVALSHA DIGEST …" for that script has as its second word; it is loaded for the first
 * one. The text must live as long as the admin. NULL with the reason. */
const char *store_admin_script_digest(struct store_admin *admin, const char *text, struct err *err);

/* The answer to such a command, for freeReplyObject(); NULL with the reason. */
redisReply *store_admin_script_ask(
    struct store_admin *admin, const char *text, struct slice command, struct err *err);

#endif
