/*
 * redis_grey.c - see redis_grey.h.
 */
#include "io/redis_grey.h"

#include "io/grey_lua.h"
#include "io/redis_command.h"
#include "io/redis_key.h"

/* GET and EVALSHA with three keys and six numbers, each word with its length. */
#define STEP_BYTES (3 * REDIS_KEY_BYTES + 512)

/* The same with the script instead of its digest. */
#define EVAL_BYTES (STEP_BYTES + sizeof(grey_lua))

static void
step_format(struct buf *out, const char *command, struct slice script, const struct redis_grey *g)
{
	const struct grey_windows *w = g->windows;

	redis_command_begin(out, 11);
	redis_command_text(out, command);
	redis_command_word(out, script);
	redis_command_text(out, "2");
	redis_command_word(out, g->tuple_key);
	redis_command_word(out, g->known_key);
	redis_command_number(out, w->block_s);
	redis_command_number(out, w->pass_s);
	redis_command_number(out, w->expire_s);
	redis_command_number(out, w->promote_after);
	redis_command_number(out, w->promote_gap_s);
	redis_command_text(out, w->learn ? "1" : "0");
}

static int
step_send(
    struct redis_conn *conn, const struct redis_grey *g, struct deadline until, struct err *err)
{
	char storage[STEP_BYTES];
	struct buf out = BUF_OVER(storage);

	if (g->met_key.n > 0) {
		redis_command_begin(&out, 2);
		redis_command_text(&out, "GET");
		redis_command_word(&out, g->met_key);
	}
	step_format(&out, "EVALSHA", slice_of(conn->grey_sha), g);
	if (out.over)
		return err_set(err, ERR_LIMIT, "a greylist key is too long for Redis");
	return redis_conn_send(conn, buf_slice(&out), until, err);
}

/* Replaces the answer by that to the whole script. */
static int
step_again(struct redis_conn *conn, const struct redis_grey *g, redisReply **reply,
    struct deadline until, struct err *err)
{
	char storage[EVAL_BYTES];
	struct buf out = BUF_OVER(storage);

	freeReplyObject(*reply);
	*reply = NULL;
	step_format(&out, "EVAL", slice_make(grey_lua, sizeof(grey_lua) - 1), g);
	if (redis_conn_send(conn, buf_slice(&out), until, err) != 0)
		return -1;
	return redis_conn_receive(conn, reply, until, err);
}

/* "P 1800000240 1800000000 2": see grey.lua. */
static int
step_parse(struct slice text, const struct grey_windows *w, struct grey_step *step_r)
{
	static const char letters[] = {
	    [GREY_NEW] = 'N',
	    [GREY_EARLY] = 'E',
	    [GREY_PASSED] = 'P',
	    [GREY_REPEAT] = 'R',
	    [GREY_KNOWN] = 'K',
	    [GREY_LEARNED] = 'L',
	};
	const char *letter = text.n < 2 ? NULL : memchr(letters, text.p[0], sizeof(letters));
	struct grey_step step = {.outcome = GREY_NEW};
	int64_t age;

	if (letter == NULL || text.p[0] == '\0' || text.p[1] != ' ')
		return -1;
	text = slice_from(text, 2);
	step.outcome = (enum grey_outcome)(letter - letters);
	if (redis_number_next(&text, &step.now) != 0 ||
	    redis_number_next(&text, &step.first) != 0 ||
	    redis_number_next(&text, &step.tries) != 0)
		return -1;
	age = step.now - step.first;
	step.wait_s = grey_outcome_delays(step.outcome) ? w->block_s - age : 0;
	step.delay_s = step.outcome == GREY_PASSED ? age : 0;
	*step_r = step;
	return 0;
}

/* Reads the answer to GET: *met_r. An error of it is the caller's, after the other answer. */
static int
met_receive(
    struct redis_conn *conn, bool *met_r, int *status_r, struct deadline until, struct err *err)
{
	redisReply *reply;

	if (redis_conn_receive(conn, &reply, until, err) != 0)
		return -1;
	*status_r = redis_reply_check(reply, err);
	*met_r = reply->type == REDIS_REPLY_STRING;
	freeReplyObject(reply);
	return 0;
}

/* The answer to the script as text, for freeReplyObject(); NULL with the reason. */
static redisReply *
step_receive(
    struct redis_conn *conn, const struct redis_grey *g, struct deadline until, struct err *err)
{
	redisReply *reply = NULL;

	if (redis_conn_receive(conn, &reply, until, err) != 0)
		return NULL;
	if (redis_reply_is_noscript(reply) && step_again(conn, g, &reply, until, err) != 0)
		return NULL;
	if (redis_reply_check(reply, err) == 0)
		return reply;
	freeReplyObject(reply);
	return NULL;
}

/* The sender is a correspondent: the step, sent in the same round trip, made a tuple that nobody
 * waits for. When it cannot be taken back it expires by itself. */
static void
tuple_take_back(struct redis_conn *conn, const struct redis_grey *g, struct deadline until)
{
	char storage[REDIS_KEY_BYTES + 64];
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	struct err err;

	redis_command_begin(&out, 2);
	redis_command_text(&out, "DEL");
	redis_command_word(&out, g->tuple_key);
	if (redis_conn_send(conn, buf_slice(&out), until, &err) == 0 &&
	    redis_conn_receive(conn, &reply, until, &err) == 0)
		freeReplyObject(reply);
}

int
redis_grey_step(struct redis_conn *conn, const struct redis_grey *grey, struct grey_step *step_r,
    struct deadline until, struct err *err)
{
	struct err met_err;
	redisReply *reply;
	bool met = false;
	int met_status = 0;
	int status;

	if (step_send(conn, grey, until, err) != 0)
		return -1;
	if (grey->met_key.n > 0 && met_receive(conn, &met, &met_status, until, &met_err) != 0)
		return err_set(err, met_err.code, "%s", met_err.text);
	reply = step_receive(conn, grey, until, err);
	if (reply == NULL)
		return -1;
	status = step_parse(redis_reply_text(reply), grey->windows, step_r);
	freeReplyObject(reply);
	if (met_status != 0)
		return err_set(err, met_err.code, "%s", met_err.text);
	if (status != 0)
		return err_set(err, ERR_IO, "Redis: an odd answer to the greylist script");
	if (met && step_r->outcome == GREY_NEW)
		tuple_take_back(conn, grey, until);
	if (met)
		*step_r = (struct grey_step){
		    .outcome = GREY_MET, .now = step_r->now, .first = step_r->now, .tries = 1};
	return 0;
}
