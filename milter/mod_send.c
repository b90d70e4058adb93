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

/* With the limits: of who is it for sure. */
static void
request_make(struct send_request *request, const struct outbound *out, bool limits)
{
	const struct account *account = out->account;
	bool over = out->settled && out->lane.overflow;

	*request = (struct send_request){.account = account->name,
	    .spares_bounced = account->suppress == SUPPRESS_OFF,
	    .count = 1,
	    .rate = limits ? &account->limit : NULL,
	    .lane = account->lane,
	    .ramp = limits && !over ? &account->ramp : NULL,
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
	int status = store->send_step(store, request, step_r, err);

	if (status != 0)
		*step_r = (struct send_step){.which = 0}; /* nothing says that the lane is full */
	if (request->rate != NULL && passes(step_r))
		lane_settle(out, step_r);
	return status;
}

/* The how-manieth recipient who is to get a copy, from 0. */
static struct txn_rcpt *
rcpt_at(const struct txn *txn, size_t at)
{
	struct txn_rcpt *r = txn->rcpts;

	while (r != NULL && (r->answer != ANSWER_CONTINUE || r->dropped || at-- > 0))
		r = r->next;
	return r;
}

static void
suppressed_event(const struct env *env, const struct txn *txn, const struct send_step *step,
    const struct address *rcpt, const char *type)
{
	char storage[SUPPRESSION_TEXT_BYTES];
	struct buf words = BUF_OVER(storage);

	suppression_words(&step->suppressed, &words);
	outbound_event(env, txn, type, rcpt, buf_text(&words));
}

/* Asks about all recipients at once, until nobody is suppressed whom the account wants dropped. */
static int
late_take(const struct env *env, struct txn *txn, struct send_request *request,
    const struct address **list, struct err *err)
{
	struct outbound *out = txn->outbound;
	struct txn_rcpt *r;

	for (;;) {
		request->count = (int64_t)outbound_rcpts(txn);
		request->nrcpts = list == NULL ? 0 : outbound_rcpts_list(txn, list, SEND_RCPTS_MAX);
		if (request->count == 0)
			return 0;
		if (step_take(env, out, request, &out->late_step, err) != 0)
			return -1;
		r = rcpt_at(txn, out->late_step.which);
		if (out->late_step.suppressed.reason == SUPPRESSED_NOT || r == NULL ||
		    out->account->suppress != SUPPRESS_REPORT)
			return 0;
		r->dropped = true;
		txn->ndropped++;
		suppressed_event(env, txn, &out->late_step, &r->addr, "suppressed");
		out->late_step = (struct send_step){.which = 0};
	}
}

/* Only the header told whose it is: what was not asked at RCPT, or of somebody else, is asked now. */
static void
send_enter(const struct env *env, struct txn *txn)
{
	struct outbound *out = txn->outbound;
	const struct account *account = outbound_account(txn);
	const struct address **list = NULL;
	struct send_request request;
	struct err err;

	if (txn->phase != PHASE_EOH || account == NULL || account == out->asked ||
	    txn->naccepted == 0)
		return;
	out->settled = false;
	request_make(&request, out, true);
	if (account != out->looked) {
		for (struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next)
			r->dropped = false; /* that was another account's wish */
		txn->ndropped = 0;
		list = arena_alloc(&out->arena, SEND_RCPTS_MAX * sizeof(const struct address *));
	}
	request.rcpts = list;
	out->late_failed = late_take(env, txn, &request, list, &err) != 0;
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
suppressed_add(const struct env *env, const struct txn *txn, const struct send_step *step,
    const struct address *late, struct findings *findings)
{
	struct finding *f;

	if (late == NULL && txn->queued && txn->outbound->account->suppress != SUPPRESS_REPORT) {
		/* sendmail(1) would try again for ever; at the end of the message it can be told */
		txn->outbound->late_step = *step;
		txn->outbound->late_step.which = outbound_rcpts(txn);
		return;
	}
	if (late == NULL && txn->outbound->account->suppress == SUPPRESS_REPORT) {
		/* he gets no copy, and nobody is told but by the event */
		(void)findings_add(findings, FINDING_DROP, mod_send.name, "dropped");
		suppressed_event(env, txn, step, &txn->rcpt, "suppressed");
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

/* What is written as nobody writes it may be a way round a suppression: "far.example!user" without a
 * domain is somewhere else to many an MTA. */
static bool
is_odd(const struct address *rcpt)
{
	bool other = false;

	for (size_t i = 0; rcpt->domain.n == 0 && i < rcpt->local.n; i++)
		other |= memchr("!%@\"", rcpt->local.p[i], 4) != NULL;
	return rcpt->malformed || other;
}

static void
odd_add(struct findings *findings)
{
	static const char text[] = "write the recipient's address as user@domain";
	struct finding *f = findings_add(findings, FINDING_BLOCK, mod_send.name, "address");

	if (f == NULL)
		return;
	f->code = "553";
	f->xcode = "5.1.3";
	memcpy(f->text, text, sizeof(text));
}

static int
check_rcpt(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	struct outbound *out = txn->outbound;
	const struct address *rcpt = &txn->rcpt;
	struct send_request request;
	struct send_step step;

	if (is_odd(rcpt) && !txn->queued) {
		odd_add(findings);
		return 0;
	}
	request_make(&request, out, !out->undecided);
	request.rcpts = &rcpt;
	request.nrcpts = 1;
	out->looked = out->account;
	out->asked = out->undecided ? NULL : out->account;
	if (step_take(env, out, &request, &step, err) != 0)
		return -1;
	step_judge(env, txn, &step, NULL, findings);
	return 0;
}

static int
send_check(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct outbound *out = txn->outbound;
	const struct txn_rcpt *late;

	if (outbound_account(txn) == NULL || decide(findings).answer != ANSWER_CONTINUE)
		return 0; /* who is refused anyway is not counted */
	if (txn->phase == PHASE_RCPT)
		return check_rcpt(env, txn, findings, err);
	if (out->late_failed)
		return err_set(err, ERR_UNAVAILABLE, "the store did not say");
	late = rcpt_at(txn, out->late_step.which);
	step_judge(env, txn, &out->late_step, late != NULL ? &late->addr : &txn->rcpt, findings);
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
