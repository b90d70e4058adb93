/*
 * mod_verp.c - MAIL FROM: a return path of its own for each message, in the account's bounce domain;
 * and, where the account wants that, one recipient at a time. Never more than are kept: who is not,
 * could neither be looked up again nor be told from a forged one in a bounce.
 */
#include "modules.h"
#include "outbound.h"

#define DAY_S 86400

static int
split_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct account *account = outbound_account(txn);
	bool full = txn->nrcpts_kept == TXN_RCPTS_MAX;
	struct finding *f;
	struct buf text;

	(void)env;
	(void)err;
	if (account == NULL || txn->queued || /* who would try for ever */
	    (!full && !verp_second_must_wait(account, &txn->sender, outbound_rcpts(txn))))
		return 0;
	f = findings_add(findings, FINDING_DEFER, mod_split.name, full ? "many" : "one");
	if (f == NULL)
		return 0;
	f->xcode = "4.5.3";
	buf_init(&text, f->text, sizeof(f->text));
	buf_add_text(
	    &text, full ? "too many recipients, send it again for the others" : verp_second_words);
	(void)buf_text(&text);
	return 0;
}

/* Before the limits: who must wait costs nothing. */
const struct module mod_split = {
    .name = "split",
    .section = &outbound_section,
    .phases = PHASE_RCPT,
    .active = outbound_active,
    .check = split_check,
};

static int
verp_edit(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	const struct account *account = outbound_account(txn);
	const struct clock_port *clock = env->ports->clock;
	struct verp_facts facts = {&txn->sender, txn->args, txn->nargs, 0, {0, 0, 0, 0}, {NULL, 0}};

	if (account == NULL)
		return 0;
	if (env->ports->keyring == NULL) {
		out->verp_skipped = "no-keyring";
		return 0;
	}
	facts.nrcpts = outbound_rcpts(txn);
	facts.lane = slice_of(out->settled ? out->lane.name : account->lane);
	facts.ids.account = account->id;
	facts.ids.message = out->id;
	facts.ids.day = (unsigned)(clock->now_s(clock) / DAY_S);
	if (verp_plan(&out->plan, account, env->ports->keyring, &facts, err) != 0) {
		out->verp_skipped = account->bounce_domain[0] == '\0' ? "no-bounce-domain"
								      : "failed";
		out->has_plan = out->plan.id[0] != '\0';
		return 0;
	}
	out->has_plan = true;
	out->id = out->plan.ids.message;
	if (!out->plan.change)
		return 0;
	edits->sender = out->plan.sender;
	edits->sender_keeps = out->plan.how == VERP_KEEP;
	edits->sender_args = out->plan.args[0] == '\0' ? NULL : out->plan.args;
	return 0;
}

const struct module mod_verp = {
    .name = "verp",
    .section = &outbound_section,
    .phases = PHASE_EOH,
    .needs = NEED_HEADERS | NEED_CHANGE_SENDER,
    .active = outbound_active,
    .transform = verp_edit,
};
