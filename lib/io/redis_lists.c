/*
 * redis_lists.c - see redis_lists.h.
 */
#include "io/redis_lists.h"

#include "base/siphash.h"
#include "io/redis_command.h"
#include "io/redis_key.h"

#include <stdlib.h>

/* Tells the owner, unless it was told about this list before. */
static void
warn(struct redis_lists *r, enum store_list list, struct buf *text)
{
	if (!r->seen[list].warned)
		r->link->notify.warning(r->link->notify.arg, buf_text(text));
	r->seen[list].warned = true;
}

/* Each member is hashed with what came of those before it. */
static uint64_t
digest_make(const redisReply *members)
{
	uint64_t chain[2] = {members->elements, 0};

	for (size_t i = 0; i < members->elements; i++)
		chain[1] = siphash(chain, redis_reply_text(members->element[i]));
	return chain[1];
}

static void
members_set(struct redis_lists *r, enum store_list list, const redisReply *reply)
{
	struct slice *members = calloc(reply->elements + 1, sizeof(*members));
	char text[2 * ERR_TEXT_BYTES];
	struct buf out = BUF_OVER(text);
	struct err err = {ERR_NOMEM, "no memory"};
	int invalid = -1;

	for (size_t i = 0; members != NULL && i < reply->elements; i++)
		members[i] = redis_reply_text(reply->element[i]);
	if (members != NULL)
		invalid = store_lists_set(r->lists, list, members, reply->elements, &err);
	free(members);
	if (invalid == 0) {
		r->seen[list].warned = false;
		return;
	}
	redis_key_list(&out, r->link->target.conf.prefix, list);
	if (invalid < 0)
		buf_add_format(&out, ": %s; the old list stays", err.text);
	else
		buf_add_format(&out, ": %d of %zu members %s left out: %s", invalid,
		    reply->elements, invalid == 1 ? "is" : "are", err.text);
	warn(r, list, &out);
}

/* SCARD or SMEMBERS of the list: the answer, or NULL. */
static redisReply *
ask(const struct redis_lists *r, struct redis_conn *conn, const char *command, enum store_list list,
    struct deadline until, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage);
	struct buf out = BUF_OVER(storage);

	redis_key_list(&key, r->link->target.conf.prefix, list);
	redis_command_begin(&out, 2);
	redis_command_text(&out, command);
	redis_command_word(&out, buf_slice(&key));
	return redis_conn_ask(conn, buf_slice(&out), until, err);
}

static int
members_read(struct redis_lists *r, struct redis_conn *conn, enum store_list list,
    struct deadline until, struct err *err)
{
	redisReply *reply = ask(r, conn, "SMEMBERS", list, until, err);
	uint64_t digest;

	if (reply == NULL)
		return -1;
	digest = digest_make(reply);
	if (!r->seen[list].read || digest != r->seen[list].digest)
		members_set(r, list, reply);
	r->seen[list].read = true;
	r->seen[list].digest = digest;
	freeReplyObject(reply);
	return 0;
}

/* The old list stays, for a reason that the owner is told. */
static void
list_keep(struct redis_lists *r, enum store_list list, const char *why)
{
	char text[2 * ERR_TEXT_BYTES];
	struct buf out = BUF_OVER(text);

	redis_key_list(&out, r->link->target.conf.prefix, list);
	buf_add_format(&out, ": %s; the old list stays", why);
	warn(r, list, &out);
	r->seen[list].read = false;
}

int
redis_lists_refresh_one(struct redis_lists *r, struct redis_conn *conn, enum store_list list,
    struct deadline until, struct err *err)
{
	redisReply *reply = ask(r, conn, "SCARD", list, until, err);
	struct err why;
	long long n;

	if (reply == NULL && (err->code != ERR_IO || !redis_conn_is_open(conn)))
		return -1;
	if (reply == NULL) {
		list_keep(r, list, err->text); /* no set, but something else */
		return 0;
	}
	n = reply->integer;
	freeReplyObject(reply);
	if (n <= STORE_LIST_MEMBERS)
		return members_read(r, conn, list, until, err);
	(void)err_set(&why, ERR_LIMIT, "%lld members are more than %d", n, STORE_LIST_MEMBERS);
	list_keep(r, list, why.text);
	return 0;
}

int
redis_lists_refresh(
    struct redis_lists *r, struct redis_conn *conn, struct deadline until, struct err *err)
{
	for (unsigned list = 0; list < STORE_LISTS; list++) {
		if (redis_lists_refresh_one(r, conn, (enum store_list)list, until, err) != 0)
			return -1;
	}
	atomic_store(&r->complete, true);
	return 0;
}
