/*
 * redis_send_script.c - see redis_send_parts.h: the commands, and the script's answers.
 */
#include "io/redis_send_parts.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/send_lua.h"

/* The commands of one write, without recipients: keys, digest, numbers, each with its length. */
#define STEP_BYTES (4 * REDIS_KEY_BYTES + 1024)

/* A recipient as a word: "$512\r\n", and "\r\n" behind it. */
#define WORD_MORE_BYTES 10

size_t
redis_send_bytes(const struct send_request *request)
{
	size_t n = STEP_BYTES;

	/* each recipient twice: of this account, and of all */
	for (size_t i = 0; i < request->nrcpts; i++)
		n += 2 * (request->rcpts[i]->text.n + WORD_MORE_BYTES);
	return n;
}

/* --- commands --- */

static void
rcpts_add(struct send_talk *t)
{
	for (size_t i = 0; i < t->request->nrcpts; i++) {
		char storage[SUPPRESSION_KEY_BYTES];
		struct buf key = BUF_OVER(storage);

		suppression_key(t->request->rcpts[i], &key);
		redis_command_word(&t->out, buf_slice(&key));
	}
}

/* HMGET PREFIXsupp:{ACCOUNT} recipients… */
void
send_entries_add(struct send_talk *t, const char *account)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_supp(&key, t->send->prefix, account);
	redis_command_begin(&t->out, 2 + (unsigned)t->request->nrcpts);
	redis_command_text(&t->out, "HMGET");
	redis_command_word(&t->out, buf_slice(&key));
	rcpts_add(t);
	t->out.over = t->out.over || key.over;
}

/* "EVALSHA sha nkeys key op", in a command of so many words. */
static void
script_begin(struct send_talk *t, unsigned words, const struct buf *key, const char *op)
{
	redis_command_begin(&t->out, words);
	redis_command_text(&t->out, "EVALSHA");
	redis_command_text(&t->out, t->conn->send_sha);
	redis_command_text(&t->out, "1");
	redis_command_word(&t->out, buf_slice(key));
	redis_command_text(&t->out, op);
	t->out.over = t->out.over || key->over;
}

/* The step of the rate; with `look`, only when the account has no entry for a recipient. */
void
send_rate_add(struct send_talk *t, bool look)
{
	const struct send_request *request = t->request;
	char rate_storage[REDIS_KEY_BYTES], supp_storage[REDIS_KEY_BYTES];
	struct buf rate = BUF_OVER(rate_storage);
	struct buf supp = BUF_OVER(supp_storage);

	redis_key_rate(&rate, t->send->prefix, request->account);
	redis_key_supp(&supp, t->send->prefix, request->account);
	redis_command_begin(&t->out, look ? 10 + (unsigned)request->nrcpts : 9);
	redis_command_text(&t->out, "EVALSHA");
	redis_command_text(&t->out, t->conn->send_sha);
	redis_command_text(&t->out, look ? "2" : "1");
	redis_command_word(&t->out, buf_slice(&rate));
	if (look)
		redis_command_word(&t->out, buf_slice(&supp));
	redis_command_text(&t->out, "rate");
	redis_command_number(&t->out, request->rate->interval_us);
	redis_command_number(&t->out, request->rate->burst);
	redis_command_number(&t->out, request->rate->daily);
	redis_command_number(&t->out, request->count);
	if (look)
		rcpts_add(t);
	t->out.over = t->out.over || rate.over || supp.over;
}

void
send_back_add(struct send_talk *t)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_rate(&key, t->send->prefix, t->request->account);
	script_begin(t, 8, &key, "back");
	redis_command_number(&t->out, t->moved_us);
	redis_command_number(&t->out, t->request->count);
	redis_command_number(&t->out, t->now_us / LIMIT_US_PER_S / LIMIT_DAY_S);
}

void
send_warm_add(struct send_talk *t)
{
	const struct limit_ramp *ramp = t->request->ramp;
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_warm(&key, t->send->prefix, t->request->lane);
	script_begin(t, 8 + 2 * (unsigned)ramp->nparts, &key, "warm");
	redis_command_number(&t->out, t->request->count);
	redis_command_text(&t->out, t->request->more ? "1" : "0");
	redis_command_number(&t->out, ramp->first);
	for (size_t i = 0; i < ramp->nparts; i++) {
		redis_command_number(&t->out, ramp->parts[i].percent);
		redis_command_number(&t->out, ramp->parts[i].until);
	}
}

/* Sends what was built from `from` on. */
int
send_commands(struct send_talk *t, size_t from, struct err *err)
{
	if (t->out.over)
		return err_set(err, ERR_LIMIT, "the name of an account or a lane is too long");
	return redis_conn_send(t->conn, slice_from(buf_slice(&t->out), from), t->until, err);
}

/* --- answers --- */

/* Loads the script, and calls it again by what was built from `from` on. */
static int
script_again(struct send_talk *t, size_t from, redisReply **reply, struct err *err)
{
	char storage[sizeof(send_lua) + 128];
	struct buf out = BUF_OVER(storage);

	freeReplyObject(*reply);
	*reply = NULL;
	redis_command_begin(&out, 3);
	redis_command_text(&out, "SCRIPT");
	redis_command_text(&out, "LOAD");
	redis_command_word(&out, slice_make(send_lua, sizeof(send_lua) - 1));
	if (redis_conn_send(t->conn, buf_slice(&out), t->until, err) != 0 ||
	    send_commands(t, from, err) != 0 ||
	    redis_conn_receive(t->conn, reply, t->until, err) != 0)
		return -1;
	freeReplyObject(*reply);
	*reply = NULL;
	return redis_conn_receive(t->conn, reply, t->until, err);
}

/* The script's answer, for freeReplyObject(); NULL with the reason. Its call stands in t->out from
 * `from` on, at its end. */
redisReply *
send_script_receive(struct send_talk *t, size_t from, struct err *err)
{
	redisReply *reply = NULL;

	if (redis_conn_receive(t->conn, &reply, t->until, err) != 0)
		return NULL;
	if (redis_reply_is_noscript(reply) && script_again(t, from, &reply, err) != 0)
		return NULL;
	if (redis_reply_check(reply, err) == 0)
		return reply;
	freeReplyObject(reply);
	return NULL;
}

int
send_odd_answer(struct err *err)
{
	return err_set(err, ERR_IO, "Redis: an odd answer to the script of limits");
}

int
send_said_parse(const redisReply *reply, struct send_said *said_r, struct err *err)
{
	struct slice text = redis_reply_text(reply);

	if (text.n < 2 || text.p[1] != ' ')
		return send_odd_answer(err);
	said_r->outcome = text.p[0];
	text = slice_from(text, 2);
	if (redis_number_next(&text, &said_r->now_us) != 0 ||
	    redis_number_next(&text, &said_r->count) != 0 ||
	    redis_number_next(&text, &said_r->wait_s) != 0 ||
	    redis_number_next(&text, &said_r->x) != 0)
		return send_odd_answer(err);
	return 0;
}

/* Calls the script by what was built from `from` on. */
int
send_script_ask(struct send_talk *t, size_t from, struct send_said *said_r, struct err *err)
{
	redisReply *reply;
	int status;

	if (send_commands(t, from, err) != 0)
		return -1;
	reply = send_script_receive(t, from, err);
	if (reply == NULL)
		return -1;
	status = send_said_parse(reply, said_r, err);
	freeReplyObject(reply);
	return status;
}
