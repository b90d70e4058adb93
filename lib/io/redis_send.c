/*
 * redis_send.c - see redis_send.h: what is asked when.
 */
#include "io/redis_command.h"
#include "io/redis_send_parts.h"

static int
rate_take(struct send_talk *t, const struct send_said *said, struct err *err)
{
	struct limit_step *rate = &t->step.rate;

	if (said->outcome != 'P' && said->outcome != 'R' && said->outcome != 'D')
		return send_odd_answer(err);
	rate->outcome = said->outcome == 'P'   ? LIMIT_PASS
			: said->outcome == 'R' ? LIMIT_RATE
					       : LIMIT_DAILY;
	rate->wait_s = said->wait_s;
	rate->count = said->count;
	rate->limit = t->request->rate->daily;
	t->now_us = said->now_us;
	t->moved_us = said->x;
	t->counted = rate->outcome == LIMIT_PASS;
	return 0;
}

/* What was counted is counted no more. When that fails, it stays counted. */
static void
give_back(struct send_talk *t)
{
	struct send_said said;
	struct err err;

	if (!t->counted)
		return;
	buf_reset(&t->out);
	send_back_add(t);
	(void)send_script_ask(t, 0, &said, &err);
	t->counted = false;
}

/* What was asked at once; the entries are NULL where they were not asked. */
struct answers {
	redisReply *all;  /* entries for all accounts */
	redisReply *own;  /* entries of the account */
	size_t own_first; /* the element for the first recipient */
};

static void
answers_free(struct answers *a)
{
	if (a->all != NULL)
		freeReplyObject(a->all);
	if (a->own != NULL)
		freeReplyObject(a->own);
	*a = (struct answers){.all = NULL};
}

/* The i-th recipient's entry, when it is heeded. */
static bool
entry_holds(const struct send_talk *t, const redisReply *entries, size_t i,
    struct suppression *suppression_r)
{
	if (entries == NULL || i >= entries->elements ||
	    entries->element[i]->type != REDIS_REPLY_STRING)
		return false;
	suppression_read(redis_reply_text(entries->element[i]), suppression_r);
	return send_heeds(t->request, suppression_r, t->now_us / LIMIT_US_PER_S);
}

/* True when somebody is suppressed. */
static bool
entries_judge(struct send_talk *t, const struct answers *a)
{
	struct send_step *step = &t->step;

	for (size_t i = 0; i < t->request->nrcpts; i++) {
		bool own = entry_holds(t, a->own, a->own_first + i, &step->suppressed);

		if (!own && !entry_holds(t, a->all, i, &step->suppressed))
			continue;
		step->which = i;
		step->for_all = !own;
		return true;
	}
	step->suppressed = (struct suppression){.reason = SUPPRESSED_NOT};
	return false;
}

/* A number of an array of texts, or -1. */
static int64_t
element_number(const redisReply *array, size_t i)
{
	struct slice text = i < array->elements ? redis_reply_text(array->element[i])
						: slice_make(NULL, 0);
	int64_t number;

	return redis_number_next(&text, &number) == 0 ? number : -1;
}

/* The answer to the step of the rate: counted or refused, or the account's entries. */
static int
rate_receive(struct send_talk *t, size_t from, struct answers *a, struct err *err)
{
	redisReply *reply = send_script_receive(t, from, err);
	struct send_said said;
	int status;

	if (reply == NULL)
		return -1;
	if (reply->type == REDIS_REPLY_ARRAY) {
		a->own = reply;
		a->own_first = 1;
		t->now_us = element_number(reply, 0);
		return t->now_us < 0 ? send_odd_answer(err) : 0;
	}
	status = send_said_parse(reply, &said, err);
	freeReplyObject(reply);
	return status == 0 ? rate_take(t, &said, err) : -1;
}

/* Without limits: the account's entries, and the time. */
static int
own_receive(struct send_talk *t, struct answers *a, struct err *err)
{
	redisReply *time;
	int64_t seconds;

	if (redis_conn_receive(t->conn, &a->own, t->until, err) != 0 ||
	    redis_conn_receive(t->conn, &time, t->until, err) != 0)
		return -1;
	seconds = element_number(time, 0);
	t->now_us = seconds * LIMIT_US_PER_S;
	freeReplyObject(time);
	if (redis_reply_check(a->own, err) != 0)
		return -1;
	return seconds < 0 ? send_odd_answer(err) : 0;
}

/* Sends what is asked at once, and reads all answers before it looks at any. */
static int
first_ask(struct send_talk *t, struct answers *a, struct err *err)
{
	bool limited = send_has_rate(t->request), named = t->request->nrcpts > 0;
	size_t script;
	int status;

	if (named)
		send_entries_add(t, "*");
	script = t->out.n;
	if (limited) {
		send_rate_add(t, named);
	} else {
		static const char *const time[] = {"TIME", NULL};

		send_entries_add(t, t->request->account);
		redis_command_add(&t->out, time);
	}
	if (send_commands(t, 0, err) != 0 ||
	    (named && redis_conn_receive(t->conn, &a->all, t->until, err) != 0))
		return -1;
	status = limited ? rate_receive(t, script, a, err) : own_receive(t, a, err);
	if (status == 0 && a->all != NULL)
		status = redis_reply_check(a->all, err);
	return status;
}

/* Suppression and rate. */
static int
rate_step(struct send_talk *t, struct err *err)
{
	struct answers a = {.all = NULL};
	struct send_said said;
	bool looked, suppressed;

	if (first_ask(t, &a, err) != 0) {
		answers_free(&a);
		return -1;
	}
	suppressed = entries_judge(t, &a);
	looked = a.own != NULL;
	answers_free(&a);
	if (suppressed) {
		give_back(t);
		t->step.rate = (struct limit_step){.outcome = LIMIT_PASS};
		return 0;
	}
	if (!looked || !send_has_rate(t->request))
		return 0;
	/* nothing that the account has to say of them is heeded */
	buf_reset(&t->out);
	send_rate_add(t, false);
	return send_script_ask(t, 0, &said, err) == 0 ? rate_take(t, &said, err) : -1;
}

static int
warm_step(struct send_talk *t, struct err *err)
{
	struct limit_step *warm = &t->step.warm;
	struct send_said said;

	buf_reset(&t->out);
	send_warm_add(t);
	if (send_script_ask(t, 0, &said, err) != 0)
		return -1;
	if (said.outcome != 'P' && said.outcome != 'W')
		return send_odd_answer(err);
	t->now_us = said.now_us;
	*warm = (struct limit_step){
	    said.outcome == 'P' ? LIMIT_PASS : LIMIT_WARMUP, said.wait_s, said.count, said.x};
	if (warm->outcome != LIMIT_PASS && !t->request->overflow)
		give_back(t);
	return 0;
}

int
redis_send_step(struct redis_conn *conn, const struct redis_send *send, struct send_step *step_r,
    struct deadline until, struct err *err)
{
	const struct send_request *request = send->request;
	struct send_talk t = {.conn = conn, .send = send, .request = request, .until = until};

	buf_init(&t.out, send->storage, send->room);
	if ((request->nrcpts > 0 || send_has_rate(request)) && rate_step(&t, err) != 0)
		return -1;
	if (send_has_ramp(request) && t.step.suppressed.reason == SUPPRESSED_NOT &&
	    t.step.rate.outcome == LIMIT_PASS && warm_step(&t, err) != 0)
		return -1;
	t.step.now_s = t.now_us / LIMIT_US_PER_S;
	*step_r = t.step;
	return 0;
}
