/*
 * redis_suppress_step.c - see redis_suppress_step.h.
 */
#include "io/redis_suppress_step.h"

#include "base/siphash.h"
#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/suppress_step_lua.h"

/* How often it begins anew, when each time somebody else is faster. */
#define TRIES 10

/* Of a mark: "MESSAGE/KIND". Ids of ours have 13 characters; of others so much is kept. */
#define MARK_ID_BYTES ((size_t)40)
#define MARK_BYTES    (MARK_ID_BYTES + 40)

#define VERSION_BYTES 40

/* The longest command: the script, keys, words, an event, each word with its length. */
#define WORDS_MAX 100
#define COMMAND_BYTES                                                                              \
	(sizeof(suppress_step_lua) + 4 * REDIS_BOUNCE_KEY_BYTES +                                  \
	    2 * (size_t)REDIS_RCPT_FIELD_BYTES + RECORD_BYTES + SUPPRESSION_TEXT_BYTES +           \
	    (size_t)WORDS_MAX * 32)

struct talk {
	struct redis_conn *conn;
	const char *prefix;
	const struct suppress_request *request;
	const struct event *event; /* NULL: none is kept */
	struct deadline until;
	char mark[MARK_BYTES], rcpt[SUPPRESSION_KEY_BYTES];
	size_t mark_n, rcpt_n;
	char version[VERSION_BYTES];
	struct buf out;
	char storage[COMMAND_BYTES];
};

void
redis_suppress_bounce_key(
    struct buf *out, const char *prefix, const char *account, struct slice rcpt)
{
	buf_add_text(out, prefix);
	buf_add_text(out, "bounce:{");
	buf_add_text(out, account);
	buf_add_text(out, "}:");
	buf_add(out, rcpt);
}

/* --- words --- */

/* An id without blanks, that may be of any bytes; what is long ends in a hash of all. */
static void
mark_make(struct talk *t)
{
	static const uint64_t fixed[2] = {0, 0}; /* the same on all hosts; who sends ids is known */
	struct slice id = t->request->id;
	struct buf mark = BUF_OVER(t->mark);

	if (id.n == 0)
		return;
	for (size_t i = 0; i < id.n && i < MARK_ID_BYTES; i++)
		if (id.p[i] > ' ' && id.p[i] <= '~')
			buf_add_char(&mark, id.p[i]);
		else
			buf_add_char(&mark, '?');
	if (id.n > MARK_ID_BYTES)
		buf_add_format(&mark, "~%016llx", (unsigned long long)siphash(fixed, id));
	buf_add_char(&mark, '/');
	buf_add_text(&mark, suppress_return_name(t->request->what));
	t->mark_n = mark.n;
}

static void
supp_word(struct talk *t)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_supp(&key, t->prefix, t->request->account);
	redis_command_word(&t->out, buf_slice(&key));
	t->out.over = t->out.over || key.over;
}

static void
bounce_word(struct talk *t)
{
	char storage[REDIS_BOUNCE_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_suppress_bounce_key(
	    &key, t->prefix, t->request->account, slice_make(t->rcpt, t->rcpt_n));
	redis_command_word(&t->out, buf_slice(&key));
	t->out.over = t->out.over || key.over;
}

/* The record of the message, and the stream of the account. */
static void
more_key_words(struct talk *t)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_message(
	    &key, t->prefix, t->request->account, slice_head(t->request->id, MARK_ID_BYTES));
	redis_command_word(&t->out, buf_slice(&key));
	t->out.over = t->out.over || key.over;
	if (t->event == NULL)
		return;
	buf_reset(&key);
	redis_key_events(&key, t->prefix, t->request->account);
	redis_command_word(&t->out, buf_slice(&key));
}

static void
command_begin(struct talk *t, unsigned words, const char *nkeys)
{
	buf_init(&t->out, t->storage, sizeof(t->storage));
	redis_command_begin(&t->out, words);
	redis_command_text(&t->out, "EVAL");
	redis_command_word(&t->out, slice_make(suppress_step_lua, sizeof(suppress_step_lua) - 1));
	redis_command_text(&t->out, nkeys);
	supp_word(t);
	bounce_word(t);
}

static redisReply *
command_ask(struct talk *t, struct err *err)
{
	if (t->out.over) {
		(void)err_set(err, ERR_LIMIT, "a return is too long for Redis");
		return NULL;
	}
	return redis_conn_ask(t->conn, buf_slice(&t->out), t->until, err);
}

static int
odd_answer(struct err *err)
{
	return err_set(err, ERR_IO, "Redis: an odd answer to the script of suppressions");
}

/* --- look --- */

static int
look_parse(struct talk *t, const redisReply *reply, struct suppress_step *step_r, struct err *err)
{
	struct slice version;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 5 ||
	    reply->element[0]->type != REDIS_REPLY_INTEGER)
		return odd_answer(err);
	version = redis_reply_text(reply->element[2]);
	if (version.n != sizeof(t->version))
		return odd_answer(err);
	memcpy(t->version, version.p, version.n);
	*step_r = (struct suppress_step){.now_s = reply->element[0]->integer};
	step_r->seen = slice_eq(redis_reply_text(reply->element[1]), slice_of("seen"));
	if (reply->element[3]->type == REDIS_REPLY_STRING)
		suppression_read(redis_reply_text(reply->element[3]), &step_r->state.entry);
	if (reply->element[4]->type == REDIS_REPLY_STRING)
		suppress_soft_read(redis_reply_text(reply->element[4]), &step_r->state.soft);
	return 0;
}

static int
look(struct talk *t, struct suppress_step *step_r, struct err *err)
{
	redisReply *reply;
	int status;

	command_begin(t, 8, "2");
	redis_command_text(&t->out, "look");
	redis_command_word(&t->out, slice_make(t->rcpt, t->rcpt_n));
	redis_command_word(&t->out, slice_make(t->mark, t->mark_n));
	reply = command_ask(t, err);
	if (reply == NULL)
		return -1;
	status = look_parse(t, reply, step_r, err);
	freeReplyObject(reply);
	return status;
}

/* --- put --- */

static void
entry_word(struct talk *t, const struct suppress_step *step, const struct suppress_ruling *ruling)
{
	char storage[SUPPRESSION_TEXT_BYTES + 1];
	struct buf word = BUF_OVER(storage);

	if (!ruling->entry_changed) {
		buf_add_char(&word, '=');
	} else if (step->state.entry.reason == SUPPRESSED_NOT) {
		buf_add_char(&word, '-');
	} else {
		buf_add_char(&word, '+');
		suppression_format(&step->state.entry, &word);
	}
	redis_command_word(&t->out, buf_slice(&word));
}

static void
soft_word(struct talk *t, const struct suppress_step *step, const struct suppress_ruling *ruling)
{
	char storage[SUPPRESS_SOFT_TEXT_BYTES + 1];
	struct buf word = BUF_OVER(storage);

	if (!ruling->soft_changed) {
		buf_add_char(&word, '=');
	} else if (suppress_soft_ttl_s(&step->state.soft, step->now_s) == 0) {
		buf_add_char(&word, '-');
	} else {
		buf_add_char(&word, '+');
		suppress_soft_format(&step->state.soft, &word);
	}
	redis_command_word(&t->out, buf_slice(&word));
}

/* FIELD BECAME KEEP RETENTION, and the event. */
static void
event_words(struct talk *t)
{
	const struct suppress_request *request = t->request;
	char storage[REDIS_RCPT_FIELD_BYTES];
	struct buf field = BUF_OVER(storage);

	redis_key_message_rcpt(&field, request->rcpt);
	redis_command_word(&t->out, buf_slice(&field));
	redis_command_text(&t->out, request->became == NULL ? "" : request->became);
	redis_command_number(&t->out, request->event_terms.keep);
	redis_command_number(&t->out, request->event_terms.retention_s);
	for (size_t i = 0; t->event != NULL && i < t->event->fields.n; i++) {
		redis_command_text(&t->out, t->event->fields.v[i].name);
		redis_command_word(&t->out, t->event->fields.v[i].value);
	}
}

static int64_t
ttl_of(const struct suppress_request *request, const struct suppress_step *step)
{
	int64_t ttl_s = suppress_soft_ttl_s(&step->state.soft, step->now_s);

	if (ttl_s < request->seen_s)
		ttl_s = request->seen_s;
	return ttl_s < SUPPRESS_SEEN_S ? SUPPRESS_SEEN_S : ttl_s;
}

static redisReply *
put_ask(struct talk *t, const struct suppress_step *step, const struct suppress_ruling *ruling,
    struct err *err)
{
	unsigned fields = t->event == NULL ? 0 : (unsigned)t->event->fields.n;
	int64_t ttl_s = ttl_of(t->request, step);

	command_begin(t, (t->event == NULL ? 17 : 18) + 2 * fields, t->event == NULL ? "3" : "4");
	more_key_words(t);
	redis_command_text(&t->out, "put");
	redis_command_word(&t->out, slice_make(t->rcpt, t->rcpt_n));
	redis_command_word(&t->out, slice_make(t->mark, t->mark_n));
	redis_command_word(&t->out, slice_make(t->version, sizeof(t->version)));
	redis_command_number(&t->out, ttl_s);
	entry_word(t, step, ruling);
	soft_word(t, step, ruling);
	event_words(t);
	return command_ask(t, err);
}

/* 1: done; 0: somebody else was faster; -1. */
static int
put(struct talk *t, const struct suppress_step *step, const struct suppress_ruling *ruling,
    struct err *err)
{
	redisReply *reply = put_ask(t, step, ruling, err);
	struct slice said;
	int status = 1;

	if (reply == NULL)
		return -1;
	said = redis_reply_text(reply);
	if (slice_eq(said, slice_of("changed")) || slice_eq(said, slice_of("seen")))
		status = 0;
	else if (!slice_eq(said, slice_of("done")))
		status = odd_answer(err);
	freeReplyObject(reply);
	return status;
}

/* --- the step --- */

/* What this return did, when it was recorded: for who asks again, the state tells. */
static enum suppress_outcome
outcome_of_seen(const struct suppress_step *step)
{
	return suppression_holds(&step->state.entry, step->now_s) ? RULED_STANDS : RULED_UNTOUCHED;
}

int
redis_suppress_step(struct redis_conn *conn, const char *prefix,
    const struct suppress_request *request, struct suppress_step *step_r, struct deadline until,
    struct err *err)
{
	struct talk t = {.conn = conn, .prefix = prefix, .request = request, .until = until};
	struct buf rcpt = BUF_OVER(t.rcpt);

	if (request->event != NULL && request->event->fields.n > 0 &&
	    request->event_terms.keep > 0 && request->event_terms.retention_s > 0)
		t.event = request->event;
	mark_make(&t);
	suppression_key(request->rcpt, &rcpt);
	t.rcpt_n = rcpt.n;
	for (int tries = 0; tries < TRIES; tries++) {
		struct suppress_ruling ruling;
		int status;

		if (look(&t, step_r, err) != 0)
			return -1;
		if (step_r->seen) {
			step_r->outcome = outcome_of_seen(step_r);
			return 0;
		}
		ruling = suppress_rule(
		    &step_r->state, request->what, &request->terms, step_r->now_s);
		step_r->outcome = ruling.outcome;
		status = put(&t, step_r, &ruling, err);
		if (status != 0)
			return status < 0 ? -1 : 0;
	}
	return err_set(err, ERR_IO, "Redis: others change the same recipient again and again");
}
