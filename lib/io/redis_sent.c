/*
 * redis_sent.c - see redis_sent.h.
 */
#include "io/redis_sent.h"

#include "io/redis_command.h"
#include "io/redis_key.h"

#include <stdlib.h>

/* Fields in front of the recipients': nrcpt, to. */
#define FIELDS 2

/* A recipient's field with its length in front. */
#define RCPT_BYTES ((size_t)REDIS_RCPT_FIELD_BYTES + 32)

/* The command without recipients. */
#define COMMAND_BYTES ((size_t)REDIS_KEY_BYTES + 256)

static void
rcpt_add(struct buf *out, const struct address *rcpt)
{
	char storage[REDIS_RCPT_FIELD_BYTES];
	struct buf name = BUF_OVER(storage);

	redis_key_message_rcpt(&name, rcpt);
	redis_command_word(out, buf_slice(&name));
}

static void
command_build(struct buf *out, const char *prefix, const struct sent_question *question)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_message(&key, prefix, question->account, question->id);
	redis_command_begin(out, 2 + FIELDS + (unsigned)question->nrcpts);
	redis_command_text(out, "HMGET");
	redis_command_word(out, buf_slice(&key));
	redis_command_text(out, "nrcpt");
	redis_command_text(out, "to");
	for (size_t i = 0; i < question->nrcpts; i++)
		rcpt_add(out, &question->rcpts[i]);
}

static int
answer_read(const redisReply *reply, const struct sent_question *question,
    struct sent_message *message_r, struct err *err)
{
	struct slice nrcpt, to;

	*message_r = (struct sent_message){.known = false};
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != FIELDS + question->nrcpts)
		return err_set(err, ERR_IO, "Redis: an odd answer about a message");
	nrcpt = redis_reply_text(reply->element[0]);
	to = redis_reply_text(reply->element[1]);
	message_r->known = redis_number_next(&nrcpt, &message_r->nrcpts) == 0;
	if (message_r->known && message_r->nrcpts == 1 && to.n <= sizeof(message_r->only)) {
		message_r->only_n = to.n;
		memcpy(message_r->only, to.p, to.n);
	}
	for (size_t i = 0; i < question->nrcpts; i++)
		question->had_r[i] = message_r->known &&
				     reply->element[FIELDS + i]->type == REDIS_REPLY_STRING;
	return 0;
}

int
redis_sent_ask(struct redis_conn *conn, const char *prefix, const struct sent_question *question,
    struct sent_message *message_r, struct deadline until, struct err *err)
{
	size_t room = COMMAND_BYTES + question->nrcpts * RCPT_BYTES;
	redisReply *reply;
	struct buf out;
	char *storage;
	int status;

	if (question->nrcpts > SENT_RCPTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d recipients at once", SENT_RCPTS_MAX);
	storage = malloc(room);
	if (storage == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a question to Redis");
	buf_init(&out, storage, room);
	command_build(&out, prefix, question);
	reply = out.over ? NULL : redis_conn_ask(conn, buf_slice(&out), until, err);
	free(storage);
	if (reply == NULL)
		return out.over ? err_set(err, ERR_LIMIT, "a question too long for Redis") : -1;
	status = answer_read(reply, question, message_r, err);
	freeReplyObject(reply);
	return status;
}
