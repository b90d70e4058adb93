/*
 * mod_send.c - may this account send to this recipient, now? Suppression, rate, day, warm-up: one
 * question to the store for each recipient.
 *
 * When only the header told whose message it is, all recipients are asked about at once, at its end;
 * a message has one answer then.
 */
#include "modules.h"
#include "outbound.h"

/* --- asking --- */

static void
request_make(struct send_request *request, const struct outbound *out)
{
	const struct account *account = out->account;
	bool over = out->settled && out->lane.overflow;

	*request = (struct send_request){.account = account->name,
	    .rate = &account->limit,
	    .lane = account->lane,
	    .ramp = over ? NULL : &account->ramp,
	    .more = out->settled,
	    .overflow = account->overflow[0] != '\0'};
}

/* The lane is chosen with the first recipient; the others follow. */
static void
lane_settle(struct outbound *out, const struct send_step *step)
{
	struct lane lane = lane_choose(out->account, &step->warm);

	if (out->settled || lane.wait)
		return;
	out->lane = lane;
	out->settled = true;
}

static bool
passes(const struct send_step *step)
{
	return step->suppressed.reason == SUPPRESSED_NOT && step->rate.outcome == LIMIT_PASS;
}

static int
step_take(const struct env *env, struct outbound *out, const struct send_request *request,
    struct send_step *step_r, struct err *err)
{
	struct store *store = env->ports->store;

	out->asked = out->account;
	if (store->send_step(store, request, step_r, err) != 0) {
		/* nothing says that the lane is full */
		*step_r = (struct send_step){.which = 0};
		lane_settle(out, step_r);
		return -1;
	}
	if (passes(step_r))
		lane_settle(out, step_r);
	return 0;
}

static size_t
accepted_list(const struct txn *txn, const struct address **list)
{
	size_t n = 0;

	for (const struct txn_rcpt *r = txn->rcpts; r != NULL && n < SEND_RCPTS_MAX; r = r->next) {
		if (r->answer == ANSWER_CONTINUE)
			list[n++] = &r->addr;
	}
	return n;
}

/* The header told of another account than the envelope: all recipients are asked about, once. */
static void
send_enter(const struct env *env, struct txn *txn)
{
	struct outbound *out = txn->outbound;
	const struct account *account = outbound_account(txn);
	const struct address **list;
	struct send_request request;
	struct err err;

	if (txn->phase != PHASE_EOH || account == NULL || account == out->asked ||
	    txn->naccepted == 0)
		return;
	out->settled = false;
	request_make(&request, out);
	request.count = (int64_t)txn->naccepted;
	list = arena_alloc(&out->arena, SEND_RCPTS_MAX * sizeof(const struct address *));
	if (list != NULL && account->suppress != SUPPRESS_OFF)
		request.nrcpts = accepted_list(txn, list);
	request.rcpts = list;
	out->late_failed = step_take(env, out, &request, &out->late_step, &err) != 0;
}

/* --- answering --- */

static void
suppressed_words(struct finding *f, const struct send_step *step, const struct address *late)
{
	struct buf text;

	buf_init(&text, f->text, sizeof(f->text));
	buf_add_text(&text, "recipient ");
	if (late != NULL) {
		buf_add(&text, slice_head(late->text, 100));
		buf_add_char(&text, ' ');
	}
	buf_add_text(&text, "suppressed: ");
	suppression_words(&step->suppressed, &text);
	(void)buf_text(&text);
}

static void
limit_add(struct findings *findings, const struct limit_step *step)
{
	struct finding *f = findings_add(
	    findings, FINDING_DEFER, mod_send.name, limit_outcome_name(step->outcome));
	struct buf text;

	if (f == NULL)
		return;
	f->xcode = "4.7.1";
	f->wait_s = step->wait_s;
	buf_init(&text, f->text, sizeof(f->text));
	limit_words(&text, step);
	(void)buf_text(&text);
}

static void
suppressed_event(const struct env *env, const struct txn *txn, const struct send_step *step,
    const struct address *rcpt, const char *type)
{
	const struct outbound_conf *conf = env->conf;
	const struct outbound *out = txn->outbound;
	const struct event_terms terms = {out->account->retention_s, conf->events_keep};
	char storage[SUPPRESSION_TEXT_BYTES];
	struct buf words = BUF_OVER(storage);
	struct event event = {.account = out->account->name};

	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of(type));
	record_add_number(&event.fields, "time", step->now_s);
	record_add(&event.fields, "account", slice_of(event.account));
	record_add(&event.fields, "rcpt", rcpt->text);
	record_add(&event.fields, "from", txn->sender.text);
	suppression_words(&step->suppressed, &words);
	record_add(&event.fields, "reason", buf_slice(&words));
	env->ports->store->event(env->ports->store, &event, &terms);
}

/* He gets no copy, and nobody is told but by the event. */
static bool
drop(const struct env *env, const struct txn *txn, const struct send_step *step)
{
	struct outbound *out = txn->outbound;
	const char **drops = arena_alloc(&out->arena, (out->ndrops + 1) * sizeof(*drops));
	const char *rcpt = arena_text(&out->arena, txn->rcpt_text);

	if (drops == NULL || rcpt == NULL)
		return false;
	if (out->ndrops > 0)
		memcpy(drops, out->drops, out->ndrops * sizeof(*drops));
	drops[out->ndrops] = rcpt;
	out->drops = drops;
	out->ndrops++;
	suppressed_event(env, txn, step, &txn->rcpt, "suppressed");
	return true;
}

static void
suppressed_add(const struct env *env, const struct txn *txn, const struct send_step *step,
    const struct address *late, struct findings *findings)
{
	struct finding *f;

	if (late == NULL && txn->outbound->account->suppress == SUPPRESS_REPORT &&
	    drop(env, txn, step)) {
		(void)findings_add(findings, FINDING_NOTE, mod_send.name, "dropped");
		return;
	}
	f = findings_add(findings, FINDING_BLOCK, mod_send.name, "suppressed");
	if (f == NULL)
		return;
	f->code = "550";
	f->xcode = "5.7.1";
	suppressed_words(f, step, late);
	suppressed_event(env, txn, step, late != NULL ? late : &txn->rcpt, "refused");
}

static void
step_judge(const struct env *env, const struct txn *txn, const struct send_step *step,
    const struct address *late, struct findings *findings)
{
	if (step->suppressed.reason != SUPPRESSED_NOT)
		suppressed_add(env, txn, step, late, findings);
	else if (step->rate.outcome != LIMIT_PASS)
		limit_add(findings, &step->rate);
	else if (!txn->outbound->settled && step->warm.outcome != LIMIT_PASS)
		limit_add(findings, &step->warm);
}

static int
check_rcpt(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	struct outbound *out = txn->outbound;
	const struct address *rcpt = &txn->rcpt;
	struct send_request request;
	struct send_step step;

	request_make(&request, out);
	request.count = 1;
	request.rcpts = &rcpt;
	request.nrcpts = out->account->suppress != SUPPRESS_OFF && !rcpt->malformed ? 1 : 0;
	if (step_take(env, out, &request, &step, err) != 0)
		return -1;
	step_judge(env, txn, &step, NULL, findings);
	return 0;
}

/* The recipient that the late step was about. */
static const struct address *
late_rcpt(const struct txn *txn, size_t which)
{
	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		if (r->answer == ANSWER_CONTINUE && which-- == 0)
			return &r->addr;
	}
	return &txn->rcpt;
}

static int
send_check(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct outbound *out = txn->outbound;

	if (outbound_account(txn) == NULL || decide(findings).answer != ANSWER_CONTINUE)
		return 0; /* who is refused anyway is not counted */
	if (txn->phase == PHASE_RCPT)
		return check_rcpt(env, txn, findings, err);
	if (out->late_failed)
		return err_set(err, ERR_UNAVAILABLE, "the store did not say");
	step_judge(env, txn, &out->late_step, late_rcpt(txn, out->late_step.which), findings);
	if (out->ndrops > 0 && outbound_rcpts(txn) == 0)
		(void)findings_add(findings, FINDING_DISCARD, mod_send.name, "dropped");
	return 0;
}

/* As the account wants it, and not the section. */
static int
send_on_error(const struct txn *txn)
{
	const struct account *account = outbound_account(txn);

	return account != NULL && account->on_error == ACCOUNT_ERROR_TEMPFAIL ? ON_ERROR_TEMPFAIL
									      : ON_ERROR_ACCEPT;
}

const struct module mod_send = {
    .name = "send",
    .section = &outbound_section,
    .phases = PHASE_RCPT | PHASE_EOM,
    .needs = NEED_HEADERS | NEED_DROP_RCPT,
    .active = outbound_active,
    .enter = send_enter,
    .check = send_check,
    .on_error = send_on_error,
};
