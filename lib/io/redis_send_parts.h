/*
 * redis_send_parts.h - what redis_send.c and redis_send_script.c share; nobody else includes it.
 */
#ifndef IO_REDIS_SEND_PARTS_H
#define IO_REDIS_SEND_PARTS_H

#include "io/redis_send.h"

/* One question on its way. */
struct send_talk {
	struct redis_conn *conn;
	const struct redis_send *send;
	const struct send_request *request;
	struct deadline until;
	struct buf out;
	struct send_step step;
	int64_t now_us;
	int64_t moved_us; /* of the bucket, by what was counted */
	bool counted;
};

/* What the script says: see send.lua. */
struct send_said {
	char outcome;
	int64_t now_us, count, wait_s, x;
};

/* --- commands, appended to t->out --- */

/* HMGET PREFIXsupp:{ACCOUNT} recipients… */
void send_entries_add(struct send_talk *t, const char *account);

/* The step of the rate; with `look`, only when the account has no entry for a recipient. What it
 * counted is taken back. The step of the ramp. */
void send_rate_add(struct send_talk *t, bool look);
void send_back_add(struct send_talk *t);
void send_warm_add(struct send_talk *t);

/* Sends what was built from `from` on. */
int send_commands(struct send_talk *t, size_t from, struct err *err);

/* --- answers --- */

/* The script's answer, for freeReplyObject(); NULL with the reason. Its call stands in t->out from
 * `from` on, at its end: it is sent again, when the server does not know the script. */
redisReply *send_script_receive(struct send_talk *t, size_t from, struct err *err);

int send_said_parse(const redisReply *reply, struct send_said *said_r, struct err *err);

/* All of it: calls the script by what was built from `from` on. */
int send_script_ask(struct send_talk *t, size_t from, struct send_said *said_r, struct err *err);

/* ERR_IO, and -1. */
int send_odd_answer(struct err *err);

#endif
