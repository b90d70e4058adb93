/*
 * redis_sent.h - one question of sent_message.h over a connection: HMGET PREFIXmsg:{ACCOUNT}:ID.
 */
#ifndef IO_REDIS_SENT_H
#define IO_REDIS_SENT_H

#include "io/redis_conn.h"
#include "policy/sent_message.h"

/* 0, or -1 as in redis_conn.h; ERR_LIMIT: too many recipients; ERR_NOMEM. */
int redis_sent_ask(struct redis_conn *conn, const char *prefix,
    const struct sent_question *question, struct sent_message *message_r, struct deadline until,
    struct err *err);

#endif
